import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import { z } from 'zod';
import type { Identity } from './identity.js';
import { sealedJson } from './sealed-json.js';

/** A token is for the request that it comes with, and for an event stream's beginning: milliseconds. */
const validForMs = 60_000;

const identity = z.object({
  subject: z.string(),
  name: z.string(),
  via: z.enum(['bootstrap', 'api-key', 'session', 'bearer', 'ci-token', 'command']),
  role: z.enum(['admin', 'member', 'reader']),
  groups: z.array(z.string()),
  onlyProjects: z.array(z.string()).exactOptional(),
  ciRight: z.enum(['read', 'publish', 'change']).exactOptional(),
});

const token = z.object({ identity, validUntil: z.number() });

/** Says between services who asks: only the registry knows people, keys and sessions, and others take its word. */
export interface HouseTokens {
  /** For the header `Authorization: Slipway <token>`. */
  readonly issue: (identity: Identity) => string;
  /** @throws AppError `access.unknown_token` (permanent) where it is none of ours, or too old */
  readonly open: (header: string | undefined) => Identity;
}

/** House tokens under the key ring that all services share. */
export function houseTokens(ring: KeyRing, now: () => number = Date.now): HouseTokens {
  const sealed = sealedJson(ring, 'house-token', token);
  return {
    issue: ({ session: _session, ...who }) =>
      sealed.seal({ identity: identity.parse(who), validUntil: now() + validForMs }),
    open: (header) => {
      const [, text] = /^slipway +([\x21-\x7e]+)$/i.exec(header ?? '') ?? [];
      const opened = text === undefined ? undefined : sealed.open(text);
      if (opened && opened.validUntil >= now()) return opened.identity;
      throw permanent('access.unknown_token', 'ask at the registry’s address: it says who asks', {
        level: 'info',
      });
    },
  };
}
