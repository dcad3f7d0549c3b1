import { toAppError } from '#errors';
import { setTimeout as pause } from 'node:timers/promises';
import { begin } from './begin.js';
import type { CurrentLife } from './current-life.js';
import { deliver } from './deliver.js';
import { finish } from './finish.js';
import { work } from './work.js';
import { workOfMany } from './work-of-many.js';

const longestRetryMs = 30_000;

/** Lives a CI job's life from wherever it is to its end, or until another copy looks after it. */
export async function live(life: CurrentLife): Promise<void> {
  const { signal } = life;
  for (let failures = 0; !signal.aborted && life.record.phase !== 'over';) {
    try {
      await step(life);
      failures = 0;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'ci_job.lease_lost' || signal.aborted) return;
      failures += 1;
      if (failures === 1 || error.level === 'error')
        life.parts.log.warn(
          { ...life.about, code: error.code, err: error.message },
          'a CI job is held up and will go on',
        );
      await pause(Math.min(longestRetryMs, 250 * 2 ** Math.min(failures, 10)), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }
}

/** From one phase to the next. */
async function step(life: CurrentLife): Promise<void> {
  const { record } = life;
  if (record.stop === 'stop') return stopped(life);
  if (record.phase === 'finishing') return finish(life);
  // It may have been cancelled on its way here: nothing of it is begun then.
  if (record.phase === 'received') await life.sender.greet(life.signal);
  if (life.signal.aborted) return;
  if (life.isUnwanted) return stopped(life);
  await whileTelling(life, async () => {
    if (record.phase === 'received') await begin(life);
    if (record.phase === 'working') await (life.fanOut ? workOfMany(life) : work(life));
    if (record.phase === 'delivering') await deliver(life);
  });
}

/** Works while GitLab is told how it goes. */
async function whileTelling(life: CurrentLife, job: () => Promise<void>): Promise<void> {
  const telling = new AbortController();
  const told = life.sender.run(AbortSignal.any([life.signal, telling.signal]));
  try {
    await job();
  } finally {
    telling.abort();
    await told;
  }
}

/** GitLab wants no more of it: what the grid has is ended at once, and nothing more is said. */
async function stopped(life: CurrentLife): Promise<void> {
  const reason = { fault: 'cancelled', words: 'GitLab does not want it any more' } as const;
  await life.over({ state: 'failed', outcome: 'abandoned' }, { reason, requestedBy: 'gitlab' });
}
