import { attemptStates } from '#contracts';
import { z } from 'zod';

/** What `GET /api/v1/attempts/{id}/log` takes; a range of bytes is asked for by `Range`. */
export const logQuery = z.strictObject({
  follow: z.string().optional().describe('present: server-sent events until the attempt is over'),
  from: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('with follow: the first byte wanted; Last-Event-ID counts more'),
});

/** `event: log`: a piece of the log. `id:` of the event is `next`, where the following piece begins. */
export const logPiece = z.object({
  from: z.int().nonnegative(),
  next: z.int().nonnegative(),
  text: z.string().describe('what is no UTF-8 comes as U+FFFD; the bytes as they are come without follow'),
});

/** The `data:` of `event: log`. `from` and `next` count bytes of the log, not characters of `text`. */
export type LogPiece = z.output<typeof logPiece>;

/** `event: end`: the attempt is over, and no more follows. */
export const logEnd = z.object({ bytes: z.int().nonnegative(), state: z.enum(attemptStates) });

/** The `data:` of `event: end`: all bytes of the log, and how the attempt ended. */
export type LogEnd = z.output<typeof logEnd>;
