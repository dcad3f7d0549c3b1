import { permanent } from '#errors';
import { type SecretReference, type SourceSettings } from '#contracts';
import { globMatcher } from '#settings';
import type { Origin, SourceKind } from '../sources/source.js';
import { prepareSecret, type Secret } from './secret.js';
import { type Rate, TokenBucket } from './token-bucket.js';

/** A source, ready to take deliveries. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
  readonly origin: Origin;
  readonly secrets: readonly Secret[];
  readonly rate: Rate;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly bucket: TokenBucket;
  /** Whether it may speak for this repository or project; of what is about none, whether it may speak for all. */
  speaksFor(path: string | undefined): boolean;
}

/** By name, as it stands in the address of the hook. */
export type Sources = ReadonlyMap<string, Source>;

/** A secret as it was found. */
export interface SecretText {
  readonly secret: string;
  /** Milliseconds since the epoch: until when it counts. */
  readonly validUntil?: number | undefined;
  /** Told each time that it proved a sender. */
  readonly used?: (() => void) | undefined;
}

/** What sources are made with. */
export interface Surroundings {
  readonly kinds: readonly SourceKind[];
  /** Throws where there is none; several while one is being replaced. */
  readonly resolve: (reference: SecretReference, source: string) => readonly SecretText[];
  /** Told of each secret that cannot be used, which is then left out; without it the first such one is thrown. */
  readonly unusable?: (source: string, error: unknown) => void;
  /** The sources as they were: what each may still send goes on from there. */
  readonly before?: Sources | undefined;
  /** Milliseconds. */
  readonly now: number;
}

/**
 * Sources by name.
 * @throws AppError `relay.bad_secret` or `settings.secret_missing` (permanent), never with a value
 */
export function prepareSources(settings: readonly SourceSettings[], around: Surroundings): Sources {
  return new Map(settings.map((source) => [source.name, prepareSource(source, around)]));
}

function prepareSource(settings: SourceSettings, around: Surroundings): Source {
  const { kinds, before, now } = around;
  const { name, registry, repositories, bodyLimit, rate } = settings;
  const kind = kinds.find((candidate) => candidate.kind === settings.kind);
  if (kind === undefined)
    throw permanent('relay.unknown_kind', `no such kind: ${settings.kind}`, { subject: name });
  const matches = globMatcher(repositories);
  const all = repositories.includes('**');
  return {
    name,
    kind,
    origin: { name, registry, header: settings.header },
    secrets: settings.secrets.flatMap((reference) => secretsOf(reference, kind, name, around)),
    bodyLimit,
    rate,
    bucket: bucketOf(before?.get(name), rate) ?? new TokenBucket(rate, now),
    speaksFor: (path) => (path === undefined ? all : matches(path)),
  };
}

/** A source that changes in another respect may not send more than before for it. */
const bucketOf = (before: Source | undefined, { perSecond, burst }: Rate): TokenBucket | undefined =>
  before?.rate.perSecond === perSecond && before.rate.burst === burst ? before.bucket : undefined;

function secretsOf(
  reference: SecretReference,
  kind: SourceKind,
  name: string,
  { resolve, unusable }: Surroundings,
): readonly Secret[] {
  const attempt = <T>(work: () => readonly T[]): readonly T[] => {
    if (!unusable) return work();
    try {
      return work();
    } catch (error) {
      unusable(name, error);
      return [];
    }
  };
  return attempt(() => resolve(reference, name)).flatMap((text) =>
    attempt(() => [secretOf(text, kind, name)]),
  );
}

function secretOf({ secret: text, validUntil, used }: SecretText, kind: SourceKind, subject: string): Secret {
  const secret = { ...prepareSecret(text, subject), validUntil, used };
  if (kind.secretForm === 'signing-key' && !secret.signing)
    throw permanent('relay.bad_secret', `${subject}: expected a signing key, whsec_… (Standard Webhooks)`, {
      subject,
    });
  // Other kinds take any text, so one that happens to look like a signing key is a text here.
  return kind.secretForm === 'text' ? { ...secret, key: Buffer.from(text), signing: false } : secret;
}
