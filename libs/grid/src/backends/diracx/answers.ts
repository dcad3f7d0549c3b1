import { z } from 'zod';
import { temporary } from '#errors';

/** DiracX writes UTC, with a zone or without. */
const time = z
  .string()
  .transform((text) => new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`))
  .refine((date) => !Number.isNaN(date.getTime()), 'expected a time');

const optionalTime = time.nullish().catch(undefined);
const text = z.string().nullish().catch(undefined);

export const insertedJobs = z.array(z.object({ JobID: z.int(), Status: z.string(), TimeStamp: time }));

export const foundJobs = z.array(
  z.object({
    JobID: z.int(),
    Status: z.string(),
    MinorStatus: text,
    ApplicationStatus: text,
    JobName: text,
    Site: text,
    LastUpdateTime: optionalTime,
    StartExecTime: optionalTime,
    EndExecTime: optionalTime,
    LoggingInfo: z
      .array(
        z.object({
          Status: text,
          MinorStatus: text,
          ApplicationStatus: text,
          StatusTime: time,
          Source: text,
        }),
      )
      .optional(),
  }),
);

export type FoundJob = z.output<typeof foundJobs>[number];

export const changedStatuses = z.object({
  // Empty for what was not changed, as something newer is known of it.
  success: z.record(z.string(), z.object({ Status: text })),
});

export const startedUpload = z.object({
  pfn: z.string().min(1),
  // Absent where it is stored already.
  url: z.string().nullish(),
  fields: z.record(z.string(), z.string()).default({}),
});

export const sandboxNames = z.array(z.string());
export const sandboxAddress = z.object({ url: z.string().min(1) });

/** Throws temporary `grid.unavailable` for an answer that makes no sense: what was asked may have been done. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  throw temporary('grid.unavailable', `DiracX: an answer that nobody foresaw: ${where}`);
}
