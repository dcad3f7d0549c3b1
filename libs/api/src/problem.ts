import { z } from 'zod';

/** What is wrong with one field of a request. */
export const issue = z.object({
  path: z
    .array(z.union([z.string(), z.number()]))
    .describe('where: in the body, or beginning with query, path or header'),
  message: z.string(),
});

/** One field at fault, as forms show it beside the field. */
export type Issue = z.output<typeof issue>;

/** RFC 9457: what every request that fails is answered with. */
export const problem = z
  .object({
    type: z.string().describe('about:blank, or the address of a page about it'),
    title: z.string().describe("the status's own words"),
    status: z.int().min(400).max(599),
    detail: z.string().describe('what is wrong, for people'),
    code: z.string().describe('what is wrong, for programs: stable and dotted'),
    errors: z.array(issue).optional().describe('each field at fault'),
  })
  .meta({ id: 'Problem', description: 'why a request failed (RFC 9457)' });

/** The body of every answer from 400 on; programs go by `code`, people by `detail`. */
export type Problem = z.output<typeof problem>;

/** RFC 9457's media type. */
export const problemType = 'application/problem+json';
