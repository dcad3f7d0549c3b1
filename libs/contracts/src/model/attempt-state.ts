import { z } from 'zod';

/** The states of an attempt, in the order in which it goes through them; the last four are ends. */
export const attemptStates = [
  'queued',
  'submitted',
  'waiting',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'lost',
] as const;

/** How far an attempt is: the ledger's own states, to which each batch system's are translated. */
export type AttemptState = (typeof attemptStates)[number];

/** A state that an attempt never leaves. */
export type EndState = Extract<AttemptState, 'succeeded' | 'failed' | 'cancelled' | 'lost'>;

/** How far along a state is: late and disordered news take an attempt never back. All ends are equally far. */
export const attemptProgress: Readonly<Record<AttemptState, number>> = {
  queued: 0,
  submitted: 1,
  waiting: 2,
  running: 3,
  succeeded: 4,
  failed: 4,
  cancelled: 4,
  lost: 4,
};

/** Whether nothing more becomes of an attempt. */
export const hasEnded = (state: AttemptState): state is EndState =>
  attemptProgress[state] === attemptProgress.succeeded;

/** As people are shown how far a group is: what has ended first, then what is nearest to its end. */
export const attemptStatesEndedFirst: readonly AttemptState[] = [
  'succeeded',
  'failed',
  'lost',
  'cancelled',
  'running',
  'waiting',
  'submitted',
  'queued',
];

/** How many jobs of a group are in which state: each job counts once, by its latest attempt. */
export const stateCounts = z.partialRecord(z.enum(attemptStates), z.int().nonnegative());

/** How many jobs of a group have ended, whatever came of them. */
export const endedOf = ({
  succeeded = 0,
  failed = 0,
  cancelled = 0,
  lost = 0,
}: z.output<typeof stateCounts>): number => succeeded + failed + cancelled + lost;
