import { jobFaults, type JobFault } from '#contracts';
import type { Report } from '../../domain/report.js';

/** `key=value` lines, as a shell writes and reads them. */
export function readLines(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return values;
}

/** Values hold no line feed: what a job is told is written here, not by others. */
export const writeLines = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

const wordsAtMost = 4_096;
const unprintable = /[\p{Cc}]+/gu;

/** What a job says of its end. What makes no sense in it does not count: it comes from a node that anybody may run on. */
export function endReport(
  values: ReadonlyMap<string, string>,
  now: Date,
): Report & { readonly logBytes?: number } {
  const fault = values.get('fault') ?? '';
  const exitCode = numberOf(values.get('exit'), 255);
  const signal = numberOf(values.get('signal'), 64) || undefined;
  const ended = numberOf(values.get('ended'), now.getTime() / 1_000) ?? 0;
  // The node's clock is believed for how long ago it was, within a day.
  const at = ended * 1_000 > now.getTime() - 86_400_000 ? new Date(ended * 1_000) : now;
  const inputBytes = sizesOf(values.get('inputs') ?? '');
  const facts = {
    endedAt: at,
    node: nodeOf(values),
    exitCode: fault === '' ? 0 : exitCode,
    signal,
    ...(inputBytes.length > 0 && { usage: { inputBytes } }),
  };
  const logBytes = numberOf(values.get('log'), Number.MAX_SAFE_INTEGER);
  const common = { from: 'worker', at, logBytes, facts } as const;
  if (fault === '') return { ...common, state: 'succeeded' };
  const reason = { fault: faultOf(fault), words: wordsOf(values.get('words') ?? fault) };
  return { ...common, state: fault === 'cancelled' ? 'cancelled' : 'failed', reason };
}

/** The node's name as the job says it; undefined where it is no name of a host. */
export const nodeOf = (values: ReadonlyMap<string, string>): string | undefined =>
  /^[A-Za-z0-9._-]{1,255}$/.exec(values.get('node') ?? '')?.[0];

const faultOf = (text: string): JobFault => jobFaults.find((fault) => fault === text) ?? 'node-failed';

const wordsOf = (text: string): string => text.replace(unprintable, ' ').slice(0, wordsAtMost);

/** `1:10 3:2048`: of the first and the third input; null for those of which nothing is said. */
function sizesOf(text: string): readonly (number | null)[] {
  const sizes: (number | null)[] = [];
  for (const [, place = '', bytes] of text.matchAll(/(?:^| )([1-9]\d{0,3}):(\d+)(?= |$)/g)) {
    const index = Number(place) - 1;
    while (sizes.length <= index) sizes.push(null);
    sizes[index] = numberOf(bytes, Number.MAX_SAFE_INTEGER) ?? null;
  }
  return sizes;
}

function numberOf(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}
