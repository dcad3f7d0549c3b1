import { readFileSync } from 'node:fs';
import type { SecretReference } from '#contracts';
import { permanent } from '#errors';
import { environmentVariable } from './config.js';

/** As errors and logs name it. */
export const secretName = (reference: SecretReference): string =>
  'env' in reference
    ? `environment variable ${reference.env}`
    : 'file' in reference
      ? `file ${reference.file}`
      : `credential ${reference.credential}`;

/**
 * The secret behind a reference, without space around it. What the registry keeps is not to be had here.
 * @throws AppError `settings.secret_missing` (permanent) that names the reference, never a value.
 */
export function resolveSecret(reference: SecretReference): string {
  if ('credential' in reference) {
    throw permanent(
      'settings.secret_missing',
      `the secret in ${secretName(reference)} is kept by the registry; without a registry name {env: NAME} or {file: PATH}`,
    );
  }
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
