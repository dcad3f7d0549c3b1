import type { GridJob } from '#api';
import { seconds } from '../parts/amounts.js';
import { useNow } from '../parts/when.js';
import { isOver } from './states.js';

/** How long it ran, or runs by now. */
export function Duration({ job }: { readonly job: Pick<GridJob, 'state' | 'startedAt' | 'endedAt'> }) {
  const { state, startedAt, endedAt } = job;
  const isMoving = startedAt !== undefined && endedAt === undefined && !isOver(state);
  const now = useNow(isMoving ? 1_000 : undefined);
  if (startedAt === undefined || (endedAt === undefined && !isMoving)) return '—';
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  return <span className="numeric">{seconds(Math.max(end - Date.parse(startedAt), 0) / 1_000)}</span>;
}
