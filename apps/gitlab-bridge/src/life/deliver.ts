import type { CurrentLife } from './current-life.js';

/** Brings a job's artifacts to GitLab. */
export async function deliver(life: CurrentLife): Promise<void> {
  const { ending } = life.record;
  if (!ending) throw new Error('a job whose artifacts are to be delivered has no ending');
  await life.ended(ending, 'finishing');
}
