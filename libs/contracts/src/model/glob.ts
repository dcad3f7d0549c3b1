import { z } from 'zod';

/**
 * A pattern of names. `*` stays within one segment of a path, `**` crosses segments, `?` is one character, `[ab]` one
 * of these, `{a,b}` either. `atlas/**` is everything below `atlas`, not `atlas` itself. Case counts. No pattern negates.
 */
export const glob = z
  .string()
  .min(1, 'expected a pattern')
  .max(255)
  .refine((text) => text === text.trim(), { error: 'expected a pattern without space around it' })
  .meta({ title: 'pattern', description: 'pattern' });
