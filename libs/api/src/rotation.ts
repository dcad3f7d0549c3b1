import { duration } from '#contracts';
import { z } from 'zod';
import { time } from './page.js';

const longestOverlap = 90 * 86_400_000;

/** `POST /credentials/:name/rotate`. */
export const rotation = z.strictObject({
  secret: z.string().min(1).max(65_536).meta({ writeOnly: true }).describe('the new secret; never answered'),
  expiresAt: time.optional().describe('when the other side stops to take it'),
  overlap: duration
    .refine((milliseconds) => milliseconds <= longestOverlap, 'expected at most 90d')
    .prefault('1h')
    .describe('how long the secrets before it go on to count beside it, e.g. 1h; 0s ends them at once'),
});
