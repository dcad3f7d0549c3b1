import { hasEnded } from '#contracts';
import { attemptIdOf, jobIdOf } from '#grid';
import type { AttemptNews, Stage } from '../domain/stage-news.js';
import type { CurrentLife } from './current-life.js';

/** Whether the grid job is over and not tried again. */
export async function isSettled(life: CurrentLife, { news, groupId, jobs }: Stage): Promise<boolean> {
  if (!news.attempt || !hasEnded(news.attempt.state)) {
    if (news.outcome === undefined) return false;
    await askLedger(life, { groupId, jobs });
    return false;
  }
  return news.attempt.state === 'succeeded' || news.outcome !== undefined;
}

/** The ledger knows best: what it says is noted as if it had just been heard. */
export async function askLedger(
  { parts, wakeUp }: CurrentLife,
  { groupId, jobs }: Pick<Stage, 'groupId' | 'jobs'>,
): Promise<void> {
  const group = await parts.monitor.group(groupId);
  if (!group) return;
  const { state, states, refusal } = group;
  const job = jobs > 1 ? undefined : await parts.monitor.job(jobIdOf(groupId, 0));
  const outcome = state === 'active' || state === 'refused' ? undefined : state;
  const news = { states, ...(refusal && { refused: refusal }), ...(outcome && { outcome }) };
  const attempt: AttemptNews | undefined = job && {
    id: attemptIdOf(job.id, job.attempt),
    number: job.attempt,
    state: job.state,
    backend: job.backend,
    node: job.node,
    batchId: job.batchId,
    exitCode: job.exitCode,
    reason: job.reason,
  };
  await parts.stages.note([
    ...(attempt ? [{ groupId, saying: { of: 'attempt', attempt } as const }] : []),
    { groupId, saying: { of: 'group', news } },
  ]);
  wakeUp.ring();
}
