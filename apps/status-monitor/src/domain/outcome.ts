import type { AttemptState } from '#contracts';

/** How many jobs of a group are in which state. */
export type Counts = Readonly<Partial<Record<AttemptState, number>>>;

const openStates = ['queued', 'submitted', 'waiting', 'running'] as const;

/** What became of a group; undefined while a job of it is not over. One that failed or was lost fails the group. */
export function outcomeOf(counts: Counts): 'succeeded' | 'failed' | 'cancelled' | undefined {
  const has = (state: AttemptState): boolean => (counts[state] ?? 0) > 0;
  if (openStates.some(has)) return undefined;
  if (has('failed') || has('lost')) return 'failed';
  return has('cancelled') ? 'cancelled' : 'succeeded';
}
