import type { PublicationProgress } from '#api';
import { bytesText, durationText } from './amounts.js';
import type { PublicationRecord } from './publication-record.js';

/** What else waits for the same CVMFS repository. */
export interface LaneState {
  /** Publications that were asked for earlier and are not done. */
  readonly ahead: number;
  /** Those of them that are being worked on. */
  readonly underWay: number;
}

/** Longer silence in the middle of work is worth a word. */
const silenceMs = 180_000;

/** Why a publication is not readable yet, for people; undefined when it is. */
export function whyNotYet(record: PublicationRecord, lane: LaneState, now: Date): string | undefined {
  switch (record.state) {
    case 'published':
      return undefined;
    case 'waiting':
      return waiting(record, lane, now);
    case 'publishing':
      return publishing(record, now);
    case 'retrying':
      return `${failureText(record)} ${retryText(record, now)}`;
    case 'failed':
      return `${failureText(record)} It is not tried again by itself: mend the cause, then push it again or publish it now.`;
    case 'unpublishing':
      return `It was unpublished: no tag names it any more, and its tree goes at ${record.removedAfter}. A push, or publishing it now, brings it back.`;
    default:
      return `It was unpublished at ${record.at}. A push, or publishing it now, brings it back.`;
  }
}

function waiting(
  { cvmfsRepository, requestedAt, at, attempt }: PublicationRecord,
  lane: LaneState,
  now: Date,
): string {
  const since = durationText(now.getTime() - Date.parse(requestedAt ?? at));
  const interrupted =
    attempt > 0 ? ` The publisher that worked on it stopped; attempt ${attempt + 1} is next.` : '';
  const turn =
    lane.ahead === 0
      ? `nothing is before it in the lane of ${cvmfsRepository}, so the publisher should begin at once`
      : `${count(lane.ahead, 'publication')} before it in the lane of ${cvmfsRepository}, ${lane.underWay} of them under way`;
  return `It has waited for ${since}: ${turn}.${interrupted}`;
}

function publishing(record: PublicationRecord, now: Date): string {
  const attempt = record.attempt > 1 ? `Attempt ${record.attempt}: ` : '';
  const step = record.steps.at(-1);
  const silence = now.getTime() - Date.parse(record.at);
  const quiet =
    silence > silenceMs
      ? ` Nothing was heard of it for ${durationText(silence)}: see whether the publisher runs.`
      : '';
  // Fetching and unpacking go on side by side.
  const fetching = record.steps.find((one) => one.step === 'fetch');
  const both = step?.step === 'unpack' && fetching && isUnderWay(fetching) ? `${stepText(fetching)}; ` : '';
  const told = step ? stepText(step) : 'begun';
  return `${attempt}${both}${told}.${quiet}`;
}

const isUnderWay = ({ bytesDone, bytesTotal }: PublicationProgress): boolean =>
  bytesDone !== undefined && bytesTotal !== undefined && bytesDone < bytesTotal;

const verbs: Readonly<Record<PublicationProgress['step'], string>> = {
  resolve: 'asking the registry what the tag stands for',
  fetch: 'fetching layers',
  unpack: 'unpacking',
  transaction: 'unpacked, waiting for the next CVMFS transaction',
  publish: 'being committed in a CVMFS transaction',
  'clean-up': 'cleaning up',
};

/** A step in words, with what of it is done. */
export function stepText(progress: PublicationProgress): string {
  const { bytesDone, bytesTotal, filesDone, filesTotal } = progress;
  const parts = [
    amount(filesDone, filesTotal, (value) => value.toLocaleString('en'), 'files'),
    amount(bytesDone, bytesTotal, bytesText, ''),
  ].filter((part) => part !== '');
  return `${verbs[progress.step]}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

function amount(
  done: number | undefined,
  total: number | undefined,
  show: (value: number) => string,
  unit: string,
): string {
  const tail = unit === '' ? '' : ` ${unit}`;
  if (done !== undefined && total !== undefined) return `${show(done)} of ${show(total)}${tail}`;
  if (done !== undefined) return `${show(done)}${tail} so far`;
  return total === undefined ? '' : `${show(total)}${tail}`;
}

function failureText({ failure }: PublicationRecord): string {
  if (!failure) return 'The last attempt failed.';
  const { attempt, step, reason, code } = failure;
  return `Attempt ${attempt} failed in step "${step}": ${reason} (${code}).`;
}

function retryText({ retryAt }: PublicationRecord, now: Date): string {
  if (retryAt === undefined) return 'It is tried again soon.';
  const left = Date.parse(retryAt) - now.getTime();
  return left > 0 ? `It is tried again at ${retryAt}, in ${durationText(left)}.` : 'It is tried again now.';
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? ' is' : 's are'}`;

/** Why nothing is known of an image that somebody asks for. */
export function whyUnknown(known: {
  readonly image: string;
  readonly rules: readonly { readonly name: string; readonly cvmfsRepository: string }[];
  readonly pushed?:
    { readonly at: string; readonly source: string; readonly isDeletion: boolean } | undefined;
}): string {
  const { image, rules, pushed } = known;
  const wanted =
    rules.length === 0
      ? 'no image rule matches it, so nobody would publish it: add a rule, or publish it now and say where to'
      : rules.map(({ name, cvmfsRepository }) => `rule "${name}" wants it in ${cvmfsRepository}`).join(', ');
  if (pushed === undefined) {
    return `Nobody has told of ${image}: no webhook has said that it was pushed. ${capital(wanted)}. Push it again, look into the registry’s list of deliveries, or publish it now.`;
  }
  const what = pushed.isDeletion ? 'was deleted' : 'was pushed';
  const heardOf = `Source "${pushed.source}" said at ${pushed.at} that ${image} ${what}`;
  if (rules.length === 0) return `${heardOf}, but ${wanted}.`;
  if (pushed.isDeletion) return `${heardOf}.`;
  return `${heardOf}, and ${wanted}, but the publisher has said nothing of it yet: see whether it runs, and look into the dead letters.`;
}

const capital = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}`;
