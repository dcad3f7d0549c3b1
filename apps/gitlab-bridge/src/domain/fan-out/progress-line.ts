import { attemptStates, attemptStatesEndedFirst, type AttemptState, endedOf } from '#contracts';
import type { Counts } from './next-stage.js';
import { type Colour, painted, renewed, span } from './terminal.js';

/** How far a group is, at a moment. */
export interface Progress {
  readonly jobs: number;
  readonly states: Counts;
  /** When it was handed in. */
  readonly since: Date;
  readonly at: Date;
}

/** How the trace colours a state; what has no colour is on its way. */
export const stateColours: Readonly<Partial<Record<AttemptState, Colour>>> = {
  succeeded: 'green',
  running: 'cyan',
  failed: 'red',
  lost: 'red',
  cancelled: 'yellow',
};

/**
 * One line that takes the place of the one before: `411 jobs: 230 succeeded, 3 failed, 120 running, 58 waiting · 56% ·
 * 12/min · ~15 min 17 s left`. It has no line end: whatever else is said has to end it.
 */
export function progressLine(progress: Progress): string {
  const parts = [`${progress.jobs} jobs: ${countsText(progress, painted)}`, ...paceOf(progress)];
  return `${renewed}${parts.join(' · ')}`;
}

/** `230 succeeded, 3 failed`; the jobs that nothing was heard of yet are queued. */
export function countsText(
  { jobs, states }: Pick<Progress, 'jobs' | 'states'>,
  paint: (colour: Colour | undefined, text: string) => string = (_colour, text) => text,
): string {
  const counted = attemptStates.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  const all: Counts = { ...states, queued: (states.queued ?? 0) + Math.max(0, jobs - counted) };
  const told = attemptStatesEndedFirst.filter((state) => (all[state] ?? 0) > 0);
  return told.map((state) => paint(stateColours[state], `${all[state]} ${state}`)).join(', ');
}

/** Before a twentieth has ended, what is left is a guess that would only be taken back. */
function paceOf({ jobs, states, since, at }: Progress): readonly string[] {
  const ended = endedOf(states);
  if (ended === 0 || ended >= jobs) return [`${Math.floor((100 * ended) / jobs)}%`];
  const seconds = Math.max(1, (at.getTime() - since.getTime()) / 1_000);
  const percent = `${Math.floor((100 * ended) / jobs)}%`;
  if (ended < Math.max(2, jobs / 20)) return [percent];
  const minute = (ended * 60) / seconds;
  const pace = minute >= 1 ? `${Math.round(minute)}/min` : `${Math.max(1, Math.round(minute * 60))}/h`;
  return [percent, pace, `~${span(((jobs - ended) * seconds) / ended)} left`];
}

/** When something was last told. */
export interface Told {
  readonly at: Date;
  readonly states: Counts;
}

/**
 * Whether it is time for a line: often while a job is young and watched, seldom later. A day of lines takes some 200 kB of
 * the 4 MiB that GitLab keeps of a log. The last change is always told: by the line with which all have ended.
 */
export function isLineDue({ jobs, states, since, at }: Progress, told: Told | undefined): boolean {
  if (!told) return true;
  const isSame = attemptStates.every((state) => (states[state] ?? 0) === (told.states[state] ?? 0));
  if (isSame) return false;
  if (endedOf(states) >= jobs) return true;
  return at.getTime() - told.at.getTime() >= lineSeconds((at.getTime() - since.getTime()) / 1_000) * 1_000;
}

/** Between two lines, for a group of this age in seconds. */
export const lineSeconds = (age: number): number => (age < 120 ? 3 : age < 1_800 ? 15 : 60);
