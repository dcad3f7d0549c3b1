import { z } from 'zod';

/** What the stand-in is told, as JSON in its one argument. */
export const settings = z.object({
  port: z.int().positive(),
  clientId: z.string(),
  clientSecret: z.string(),
  redirectUris: z.array(z.string()),
});

/** The provider's one client, and where it listens. */
export type StandInSettings = z.output<typeof settings>;
