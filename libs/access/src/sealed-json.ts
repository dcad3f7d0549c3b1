import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { AppError, permanent } from '#errors';
import type { KeyRing } from '#secrets';
import type { z } from 'zod';

/** More than any of ours; what unfolds to more was not made by us. */
const largest = 1024 * 1024;

/** Something of ours that others carry for us, in token characters: they can neither read nor change it. */
export interface SealedJson<T> {
  seal(value: T): string;
  /** Undefined where it was not made by us for this purpose, or under a key that is gone. */
  open(text: string): T | undefined;
}

/** Folded before it is sealed: a person can be in hundreds of groups, and a browser keeps 4 KiB in a cookie. */
export function sealedJson<T>(ring: KeyRing, purpose: string, schema: z.ZodType<T>): SealedJson<T> {
  return {
    seal: (value) => ring.seal(deflateRawSync(JSON.stringify(value)).toString('base64'), purpose),
    open: (text) => {
      try {
        const folded = Buffer.from(ring.unseal(text, purpose), 'base64');
        const parsed = schema.safeParse(
          JSON.parse(inflateRawSync(folded, { maxOutputLength: largest }).toString('utf8')),
        );
        // Made by an older version of ours: as good as none.
        return parsed.data;
      } catch (error) {
        if (error instanceof AppError && error.code.startsWith('secrets.')) return undefined;
        throw permanent('access.unreadable', 'a sealed token of ours cannot be read', { cause: error });
      }
    },
  };
}
