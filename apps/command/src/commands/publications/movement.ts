import type { Publication } from '#api';
import type { RegistryEvent } from '../../clients/event-stream.js';
import { type Paint, plain } from '../../output/paint.js';
import { size } from '../../output/words.js';
import { publicationName, stateColour } from './publication.js';

/** How far a publication is, as one line shows it. */
export interface Movement {
  /** CVMFS repository and digest, or tag where no digest is known. */
  readonly key: string;
  readonly name: string;
  readonly cvmfsRepository: string;
  readonly state: string;
  readonly step?: string | undefined;
  /** Of this step, as far as anybody knows: all, and done. */
  readonly bytes?: number | undefined;
  readonly bytesDone?: number | undefined;
  readonly files?: number | undefined;
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

/** A publication as the registry tells it, as a line of the board. */
export function movementOf(publication: Publication): Movement {
  const { cvmfsRepository, state, steps, failure, digest } = publication;
  const last = steps.at(-1);
  return {
    key: keyOf(cvmfsRepository, digest ?? publicationName(publication)),
    name: publicationName(publication),
    cvmfsRepository,
    state,
    step: last?.step,
    bytes: last?.bytesTotal,
    bytesDone: last?.bytesDone,
    files: last?.filesTotal,
    filesDone: last?.filesDone,
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
  const step = text('step');
  const isSame = before?.step === step && before?.state === 'publishing';
  const next = {
    key,
    name: image,
    cvmfsRepository,
    state: willRetry ? 'retrying' : state,
    step,
    bytes:
      count('bytesTotal') ??
      (step === 'fetch' ? count('bytes') : undefined) ??
      (isSame ? before.bytes : undefined),
    bytesDone: state === 'published' ? count('bytes') : count('bytesDone'),
    files: count('filesTotal') ?? (isSame ? before.files : undefined),
    filesDone: count('filesDone') ?? count('files'),
    reason: text('reason'),
  };
  return { ...next, isNews: before?.state !== next.state || before.step !== next.step };
}

const keyOf = (cvmfsRepository: string, image: string): string => `${cvmfsRepository}/${image}`;

const barWidth = 20;
const steps = ['resolve', 'fetch', 'unpack', 'transaction', 'publish', 'clean-up'];

/** `host/repository:tag  publishing: fetch  [████░░░░] 43 %  12 MB of 28 MB`. */
export function moveLine(movement: Movement, paint: Paint, width: number): string {
  const { name, state, step, bytes, bytesDone, files, filesDone, reason } = movement;
  const colour = stateColour(state);
  const told = state === 'publishing' && step !== undefined ? step : state;
  const part = fraction(movement);
  const filled = part === undefined ? 0 : Math.round(part * barWidth);
  const bar =
    part === undefined
      ? ''
      : `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.round(part * 100)).padStart(3)} %`;
  const amounts = [
    bytesDone === undefined ? '' : of(size(bytesDone), bytes === undefined ? undefined : size(bytes)),
    filesDone === undefined
      ? ''
      : `${of(String(filesDone), files === undefined ? undefined : String(files))} files`,
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

const of = (done: string, all: string | undefined): string =>
  all === undefined ? done : `${done} of ${all}`;

/** How much of the whole way is behind it, of 1: each step counts the same, and within it what is done of it. */
export function fraction({ state, step, bytes, bytesDone, files, filesDone }: Movement): number | undefined {
  if (state === 'published') return 1;
  if (state !== 'publishing' || step === undefined) return undefined;
  const part = (done: number | undefined, all: number | undefined): number =>
    all === undefined || all === 0 ? 0 : Math.min(1, (done ?? 0) / all);
  return (
    (Math.max(0, steps.indexOf(step)) + Math.max(part(bytesDone, bytes), part(filesDone, files))) /
    steps.length
  );
}
