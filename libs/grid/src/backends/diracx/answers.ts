import { z } from 'zod';
import { reasonsOf } from '#contracts';
import { temporary } from '#errors';

/** DiracX writes UTC, with a zone or without. */
const time = z
  .string()
  .transform((text) => new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`))
  .refine((date) => !Number.isNaN(date.getTime()), 'expected a time');

const optionalTime = time.nullish().catch(undefined);
const text = z.string().nullish().catch(undefined);

/** What DiracX answers to `POST /api/jobs/jdl`: one for each job, a parametric JDL's in the order of its list. */
export const insertedJobs = z.array(z.object({ JobID: z.int(), Status: z.string(), TimeStamp: time }));

/** What DiracX answers to `POST /api/jobs/search`; of its columns those that were asked for. */
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

/** A job as DiracX has it. `LoggingInfo` is its history, where that was asked for. */
export type FoundJob = z.output<typeof foundJobs>[number];

/** What DiracX answers to `PATCH /api/jobs/status`, by job id. */
export const changedStatuses = z.object({
  // Empty for what was not changed, as something newer is known of it.
  success: z.record(z.string(), z.object({ Status: text })),
});

/** What DiracX answers to `POST /api/jobs/sandbox`: the name for the JDL, and where the bytes go. */
export const startedUpload = z.object({
  pfn: z.string().min(1),
  // Absent where it is stored already.
  url: z.string().nullish(),
  fields: z.record(z.string(), z.string()).default({}),
});

/** What DiracX answers to `GET /api/jobs/{id}/sandbox/output`: none before the job has uploaded. */
export const sandboxNames = z.array(z.string());
/** What DiracX answers to `GET /api/jobs/sandbox?pfn=…`: a presigned address, a secret while it lasts. */
export const sandboxAddress = z.object({ url: z.string().min(1) });

/** Throws temporary `grid.unavailable` for an answer that makes no sense: what was asked may have been done. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const why = reasonsOf(schema, body, 1, 'it');
  throw temporary('grid.unavailable', `DiracX: an answer that nobody foresaw: ${why}`);
}
