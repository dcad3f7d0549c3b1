import type { Refused, Unverified, Verified } from '../domain/delivery.js';
import type { NotThisFormat, Parsed } from '../domain/parsed.js';
import type { Secret } from '../domain/secret.js';

/** Which configured source a delivery came to. */
export interface Origin {
  /** The source’s name in slipway.yml. */
  readonly name: string;
  /** The registry that it speaks for; absent: the kind’s own, or what the payload says. */
  readonly registry: string | undefined;
  /** Request header that holds the shared secret, in lower case, for kinds that let one choose. */
  readonly header: string;
}

/**
 * One kind of sender. Three steps, each on its own: `verify` looks at bytes and headers and parses nothing; `parse`
 * takes only what was verified; publishing is the intake’s, the same for all. Neither throws for anything that a
 * sender may send.
 */
export interface SourceKind {
  /** As in slipway.yml. */
  readonly kind: string;
  /** Whether a secret is a `whsec_…` signing key, plain text, or may be both. */
  readonly secretForm: 'text' | 'signing-key' | 'either';
  /** Whether the sender proves itself by a token in its URL, for want of anything better. */
  readonly tokenInUrl: boolean;
  /**
   * Milliseconds. The sender gives up after somewhat more than this: by then it has its answer, if need be 503.
   */
  readonly answerWithinMs: number;
  /** Whether a body of this media type (lower case, without parameters; empty where there is none) may be its. */
  acceptsMediaType(mediaType: string): boolean;
  /** @param now milliseconds since the epoch */
  verify(delivery: Unverified, secrets: readonly Secret[], origin: Origin, now: number): Verified | Refused;
  parse(delivery: Verified, origin: Origin): Parsed | NotThisFormat;
}

/** For the kinds whose senders send `application/json` and nothing else. */
export const isJson = (mediaType: string): boolean => mediaType === 'application/json';
