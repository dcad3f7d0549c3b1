import { permanent } from '#errors';
import { type SecretReference, type SourceSettings } from '#contracts';
import { globMatcher } from '#settings';
import type { Origin, SourceKind } from '../sources/source.js';
import { prepareSecret, type Secret } from './secret.js';
import { TokenBucket } from './token-bucket.js';

/** A source of slipway.yml, ready to take deliveries. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
  readonly origin: Origin;
  readonly secrets: readonly Secret[];
  /** Bytes. */
  readonly bodyLimit: number;
  readonly bucket: TokenBucket;
  /** Whether it may speak for this repository or project; of what is about none, whether it may speak for all. */
  speaksFor(path: string | undefined): boolean;
}

export type Sources = ReadonlyMap<string, Source>;

interface Surroundings {
  readonly kinds: readonly SourceKind[];
  /** Throws where there is no secret. */
  readonly resolve: (reference: SecretReference) => string;
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

function prepareSource(settings: SourceSettings, { kinds, resolve, now }: Surroundings): Source {
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
    secrets: settings.secrets.map((reference) => secretOf(resolve(reference), kind, name)),
    bodyLimit,
    bucket: new TokenBucket(rate, now),
    speaksFor: (path) => (path === undefined ? all : matches(path)),
  };
}

function secretOf(text: string, kind: SourceKind, subject: string): Secret {
  const secret = prepareSecret(text, subject);
  if (kind.secretForm === 'signing-key' && !secret.signing)
    throw permanent('relay.bad_secret', `${subject}: expected a signing key, whsec_… (Standard Webhooks)`, {
      subject,
    });
  // Other kinds take any text, so one that happens to look like a signing key is a text here.
  return kind.secretForm === 'text' ? { ...secret, key: Buffer.from(text), signing: false } : secret;
}
