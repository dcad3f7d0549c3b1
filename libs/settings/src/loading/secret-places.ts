import { type SecretReference, secretReference } from '#contracts';
import type { Path } from './problem.js';

/**
 * Where each reference to a secret was written. It goes from hand to hand as a setting does, and whether its secret is
 * there is found out only by who needs it: another service's secrets need not be on this machine.
 */
const places = new WeakMap<object, string>();

/** Remembers the place of each reference in loaded settings. */
export function notePlaces(settings: unknown, placeOf: (path: Path) => string, path: Path = []): void {
  if (typeof settings !== 'object' || settings === null) return;
  if (secretReference.safeParse(settings).success) places.set(settings, placeOf(path));
  else
    for (const [key, value] of Object.entries(settings))
      notePlaces(value, placeOf, [...path, Array.isArray(settings) ? Number(key) : key]);
}

/** `slipway.yml:12:9: sources[0].secrets[0]`; undefined of what was not read from a file. */
export const placeOfSecret = (reference: SecretReference): string | undefined => places.get(reference);
