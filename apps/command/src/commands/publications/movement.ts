import type { RegistryEvent } from '../../clients/event-stream.js';
import { type Paint, plain } from '../../output/paint.js';
import { size } from '../../output/words.js';
import { type Publication, publicationName, stateColour } from './publication.js';

/** How far a publication is, as one line shows it. */
export interface Movement {
  /** CVMFS repository and digest, or tag where no digest is known. */
  readonly key: string;
  readonly name: string;
  readonly cvmfsRepository: string;
  readonly state: string;
  readonly step?: string | undefined;
  /** Compressed bytes to fetch, and bytes done in this step. */
  readonly bytes?: number | undefined;
  readonly bytesDone?: number | undefined;
  readonly filesDone?: number | undefined;
  readonly reason?: string | undefined;
  /** Whether its state or step differs from before: a line of its own where no bar can be drawn. */
  readonly isNews: boolean;
}

const stateOf: Readonly<Record<string, string>> = {
  'image.queued': 'waiting',
  'image.publishing': 'publishing',
  'image.published': 'published',
  'image.publish_failed': 'failed',
  'image.unpublishing': 'unpublishing',
  'image.unpublished': 'unpublished',
};

export function movementOf(publication: Publication): Movement {
  const { cvmfsRepository, state, step, progress, failure } = publication;
  return {
    key: keyOf(cvmfsRepository, publication.digest ?? publicationName(publication)),
    name: publicationName(publication),
    cvmfsRepository,
    state,
    step: progress?.step ?? step,
    bytes: progress?.bytes,
    bytesDone: progress?.bytesDone,
    filesDone: progress?.filesDone,
    reason: failure?.reason,
    isNews: true,
  };
}

/** What an event makes of what was known; undefined where it tells of no publication. */
export function moved(
  known: ReadonlyMap<string, Movement>,
  { name, data }: RegistryEvent,
): Movement | undefined {
  const state = stateOf[name];
  if (state === undefined) return undefined;
  const text = (field: string): string | undefined =>
    typeof data[field] === 'string' ? data[field] : undefined;
  const count = (field: string): number | undefined =>
    typeof data[field] === 'number' ? data[field] : undefined;
  const cvmfsRepository = text('cvmfsRepository') ?? '';
  const tags = Array.isArray(data['tags']) ? data['tags'].map(String) : [];
  const digest = text('digest');
  const image = publicationName({
    registry: text('registry') ?? '',
    repository: text('repository') ?? '',
    tags,
    ...(digest === undefined ? {} : { digest }),
  });
  const key = keyOf(cvmfsRepository, digest ?? image);
  const before = known.get(key);
  const willRetry = name === 'image.publish_failed' && data['willRetry'] === true;
  const next = {
    key,
    name: image,
    cvmfsRepository,
    state: willRetry ? 'waiting' : state,
    step: text('step'),
    bytes: count('bytes') ?? before?.bytes,
    bytesDone: count('bytesDone'),
    filesDone: count('filesDone') ?? count('files'),
    reason: text('reason'),
  };
  return { ...next, isNews: before?.state !== next.state || before.step !== next.step };
}

const keyOf = (cvmfsRepository: string, image: string): string => `${cvmfsRepository}/${image}`;

const BAR = 20;
const steps = ['resolve', 'fetch', 'unpack', 'transaction', 'publish', 'clean-up'];

/** `host/repository:tag  publishing: fetch  [████░░░░] 43 %  12 MB of 28 MB`. */
export function moveLine(movement: Movement, paint: Paint, width: number): string {
  const { name, state, step, bytes, bytesDone, filesDone, reason } = movement;
  const colour = stateColour(state);
  const told = state === 'publishing' && step !== undefined ? step : state;
  const part = fraction(movement);
  const filled = part === undefined ? 0 : Math.round(part * BAR);
  const bar =
    part === undefined
      ? ''
      : `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${String(Math.round(part * 100)).padStart(3)} %`;
  const amounts = [
    bytesDone === undefined
      ? ''
      : `${size(bytesDone)}${step === 'fetch' && bytes !== undefined ? ` of ${size(bytes)}` : ''}`,
    filesDone === undefined ? '' : `${filesDone} files`,
    reason ?? '',
  ].filter((each) => each !== '');
  const head = `${told.padEnd(12)} `;
  const tail = [bar, amounts.join(', ')].filter((each) => each !== '').join('  ');
  const room = width === 0 ? Infinity : Math.max(16, width - head.length - tail.length - 2);
  const shown = name.length > room ? `…${name.slice(name.length - room + 1)}` : name;
  const line =
    `${colour === undefined ? head : paint(colour, head)}${plain(shown)}  ${plain(tail)}`.trimEnd();
  return line;
}

/** How much of the whole way is behind it, of 1: each step counts the same, fetching by its bytes. */
export function fraction({ state, step, bytes, bytesDone }: Movement): number | undefined {
  if (state === 'published') return 1;
  if (state !== 'publishing' || step === undefined) return undefined;
  const index = Math.max(0, steps.indexOf(step));
  const within =
    step === 'fetch' && bytes !== undefined && bytes > 0 ? Math.min(1, (bytesDone ?? 0) / bytes) : 0;
  return (index + within) / steps.length;
}
