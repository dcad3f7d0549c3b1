import { readFileSync } from 'node:fs';
import type { SecretReference } from '#contracts';
import { permanent } from '#errors';
import { environmentVariable } from './config.js';
import { placeOfSecret } from './loading/secret-places.js';

/** As errors and logs name it. */
export const secretName = (reference: SecretReference): string =>
  'env' in reference
    ? `environment variable ${reference.env}`
    : 'file' in reference
      ? `file ${reference.file}`
      : `credential ${reference.credential}`;

/**
 * The secret behind a reference, without space around it. What the registry keeps is not to be had here.
 * @param place where it is written, as errors tell it; known of what `loadSlipwayFile` read
 * @throws AppError `settings.secret_missing` (permanent) that names the reference, never a value.
 */
export function resolveSecret(reference: SecretReference, place = placeOfSecret(reference)): string {
  const missing = (why: string): Error => {
    const where = place === undefined ? '' : `${place}: `;
    return permanent('settings.secret_missing', `${where}the secret in ${secretName(reference)} ${why}`);
  };
  if ('credential' in reference)
    throw missing('is kept by the registry; without a registry name {env: NAME} or {file: PATH}');
  const text = 'env' in reference ? environmentVariable(reference.env) : read(reference.file, missing);
  const value = text?.trim();
  if (value) return value;
  throw missing('is not set or empty');
}

function read(path: string, missing: (why: string) => Error): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw missing(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}
