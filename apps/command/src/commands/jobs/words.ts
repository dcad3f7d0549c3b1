import type { GridJob, JobGroup } from '#api';
import type { Colour } from '../../output/paint.js';
import { span } from '../../output/words.js';

const colours: Readonly<Record<string, Colour>> = {
  active: 'cyan',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  lost: 'red',
  refused: 'red',
  cancelled: 'yellow',
};

/** The colour of a group's or job's state; none for those in which nothing is decided yet. */
export const stateColour = (state: string): Colour | undefined => colours[state];

/** An id as one types it. */
export const shortId = (id: string): string => id.slice(0, 8);

/** `12 running, 3 failed, 396 succeeded`. */
export const countsText = ({ states }: Pick<JobGroup, 'states'>): string =>
  Object.entries(states)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');

/** How long it ran, or runs. */
export function duration({ startedAt, endedAt }: Pick<GridJob, 'startedAt' | 'endedAt'>, now: Date): string {
  if (startedAt === undefined) return '-';
  const end = endedAt === undefined ? now.getTime() : Date.parse(endedAt);
  return span(Math.max(0, end - Date.parse(startedAt)) / 1_000);
}

/** Why it is as it is, in one line; empty where there is nothing to say. */
export function reasonText({
  reason,
  exitCode,
  signal,
}: Pick<GridJob, 'reason' | 'exitCode' | 'signal'>): string {
  const ended =
    signal !== undefined
      ? `signal ${signal}`
      : exitCode !== undefined && exitCode !== 0
        ? `exit code ${exitCode}`
        : '';
  return [ended, reason && `${reason.fault}: ${reason.words}`].filter(Boolean).join('; ');
}
