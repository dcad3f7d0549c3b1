import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { permanent } from '#errors';
import { environmentVariable } from './config.js';

const advice = 'expected {env: NAME} or {file: PATH}: the secret itself is never written in this file';

/** Where a secret is; the file itself never holds one. */
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
    ],
    { error: advice },
  )
  .describe('where the secret is: {env: NAME} or {file: PATH}');

export type SecretReference = z.output<typeof secretReference>;

/** As errors and logs name it. */
export const secretName = (reference: SecretReference): string =>
  'env' in reference ? `environment variable ${reference.env}` : `file ${reference.file}`;

/**
 * The secret behind a reference, without space around it.
 * @throws AppError `settings.secret_missing` (permanent) that names the reference, never a value.
 */
export function resolveSecret(reference: SecretReference): string {
  const value = ('env' in reference ? environmentVariable(reference.env) : read(reference.file))?.trim();
  if (value) return value;
  throw permanent('settings.secret_missing', `the secret in ${secretName(reference)} is not set or empty`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw permanent('settings.secret_missing', `the secret in file ${path} cannot be read: ${code}`);
  }
}
