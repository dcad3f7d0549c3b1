import { z } from 'zod';
import { resourceName } from './names.js';

const advice =
  'expected {env: NAME}, {file: PATH} or {credential: NAME}: the secret itself is never written in this file';

/** Where a secret is; a setting itself never holds one. */
export const secretReference = z
  .union(
    [
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .describe('environment variable that holds the secret'),
      }),
      z.strictObject({ file: z.string().min(1).describe('file that holds the secret') }),
      z.strictObject({ credential: resourceName.describe('credential that the registry keeps') }),
    ],
    { error: advice },
  )
  .describe('where the secret is: {env: NAME}, {file: PATH} or {credential: NAME}');

/** One of three places; a credential's counts only where the registry keeps what is configured. */
export type SecretReference = z.output<typeof secretReference>;
