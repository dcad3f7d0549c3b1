import type { PublicationProgress } from '#api';
import type {
  imagePublished,
  imagePublishFailed,
  imagePublishing,
  imageQueued,
  imageUnpublished,
  imageUnpublishing,
  imageUntagged,
  PayloadOf,
} from '#contracts';
import { publicationId, type PublicationIdentity } from '#settings';

type Failed = PayloadOf<typeof imagePublishFailed>;
type Published = PayloadOf<typeof imagePublished>;

/** What is remembered of a publication. Times are RFC 3339. */
export interface PublicationRecord extends PublicationIdentity {
  readonly id: string;
  readonly platform?: string | undefined;
  readonly state:
    'waiting' | 'publishing' | 'retrying' | 'published' | 'failed' | 'unpublishing' | 'unpublished';
  readonly attempt: number;
  readonly requestedAt?: string | undefined;
  /** When the event happened that the state is of. */
  readonly at: string;
  readonly steps: readonly PublicationProgress[];
  readonly failure?: Pick<Failed, 'step' | 'code' | 'reason' | 'attempt'> & { readonly at: string };
  readonly retryAt?: string | undefined;
  readonly removedAfter?: string | undefined;
  readonly result?: Omit<Published, keyof PublicationIdentity | 'platform' | 'attempt'> & {
    readonly publishedAt: string;
  };
}

/** An event about a publication, and when it happened. */
export type PublicationSaid = { readonly at: string } & (
  | { readonly name: 'image.queued'; readonly data: PayloadOf<typeof imageQueued> }
  | { readonly name: 'image.publishing'; readonly data: PayloadOf<typeof imagePublishing> }
  | { readonly name: 'image.published'; readonly data: Published }
  | { readonly name: 'image.publish_failed'; readonly data: Failed }
  | { readonly name: 'image.untagged'; readonly data: PayloadOf<typeof imageUntagged> }
  | { readonly name: 'image.unpublishing'; readonly data: PayloadOf<typeof imageUnpublishing> }
  | { readonly name: 'image.unpublished'; readonly data: PayloadOf<typeof imageUnpublished> }
);

/**
 * What is known once an event is heard. Events may come twice and late: what happened before what is known already
 * changes nothing, and of what happened in the same millisecond the later stage counts.
 */
export function heard(known: PublicationRecord | undefined, said: PublicationSaid): PublicationRecord {
  const { data, at } = said;
  const { cvmfsRepository, registry, repository, digest, tags } = data;
  const identity = { cvmfsRepository, registry, repository, digest, tags };
  const before = known ?? {
    ...identity,
    id: publicationId(identity),
    platform: data.platform,
    state: 'waiting' as const,
    attempt: 0,
    at: '',
    steps: [],
  };
  if (isLate(before, said)) return before;
  const base = { ...before, tags, platform: data.platform ?? before.platform, at };
  return changed(base, said);
}

function changed(base: PublicationRecord, said: PublicationSaid): PublicationRecord {
  const { at } = said;
  switch (said.name) {
    case 'image.queued': {
      const { attempt, requestedAt } = said.data;
      return { ...without(base), state: 'waiting', attempt, requestedAt, steps: [] };
    }
    case 'image.publishing': {
      const { attempt } = said.data;
      const steps = withStep(attempt > base.attempt ? [] : base.steps, said.data, at);
      return { ...without(base), failure: base.failure, state: 'publishing', attempt, steps };
    }
    case 'image.publish_failed': {
      const { step, code, reason, attempt, willRetry, retryAt } = said.data;
      const state = willRetry ? 'retrying' : 'failed';
      return { ...without(base), state, attempt, failure: { step, code, reason, attempt, at }, retryAt };
    }
    case 'image.published': {
      const { path, links, files, directories, bytes, reusedFiles, leftOut, seconds, attempt } = said.data;
      const told = { path, files, directories, bytes, reusedFiles, leftOut, seconds };
      // A further link of a tree is told alone.
      const all = [...new Set([...(base.result?.path === path ? base.result.links : []), ...links])];
      return {
        ...without(base),
        state: 'published',
        attempt,
        result: { ...told, links: all, publishedAt: at },
      };
    }
    case 'image.untagged': {
      const gone = said.data.removed.map((tag) => `:${tag}`);
      const links = base.result?.links.filter((link) => !gone.some((ending) => link.endsWith(ending))) ?? [];
      return { ...base, ...(base.result && { result: { ...base.result, links } }) };
    }
    case 'image.unpublishing':
      return { ...base, state: 'unpublishing', removedAfter: said.data.removedAfter };
    // image.unpublished
    default:
      return { ...without(base), state: 'unpublished', tags: [], steps: [], result: undefined };
  }
}

/** What holds of a state alone. */
function without(record: PublicationRecord): PublicationRecord {
  const { failure: _failure, retryAt: _retryAt, removedAfter: _removedAfter, ...rest } = record;
  return rest;
}

function withStep(
  steps: readonly PublicationProgress[],
  said: PayloadOf<typeof imagePublishing>,
  at: string,
): readonly PublicationProgress[] {
  const { step, bytes, layers, bytesDone, filesDone, bytesTotal, filesTotal } = said;
  const last = steps.find((one) => one.step === step);
  // `bytes` is what is to be fetched, whichever step tells it.
  const total = bytesTotal ?? (step === 'fetch' ? bytes : undefined);
  const told = { bytesDone, filesDone, filesTotal, layers, bytesTotal: total };
  const now: PublicationProgress = { startedAt: at, ...last, step, at, ...defined(told) };
  return last ? steps.map((one) => (one === last ? now : one)) : [...steps, now];
}

const defined = (fields: Readonly<Record<string, number | undefined>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const stages: Readonly<Record<PublicationRecord['state'], number>> = {
  waiting: 0,
  publishing: 1,
  retrying: 2,
  failed: 2,
  published: 3,
  unpublishing: 4,
  unpublished: 5,
};

const stageOf: Readonly<Record<PublicationSaid['name'], number>> = {
  'image.queued': 0,
  'image.publishing': 1,
  'image.publish_failed': 2,
  'image.published': 3,
  'image.untagged': 3,
  'image.unpublishing': 4,
  'image.unpublished': 5,
};

function isLate(known: PublicationRecord, said: PublicationSaid): boolean {
  const difference = Date.parse(said.at) - Date.parse(known.at || '1970-01-01T00:00:00Z');
  return difference < 0 || (difference === 0 && stageOf[said.name] < stages[known.state]);
}
