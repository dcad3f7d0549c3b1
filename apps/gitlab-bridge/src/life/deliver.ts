import { join } from 'node:path';
import { attemptIdOf, jobIdOf } from '#grid';
import { deliverArtifacts } from '../artifacts/index.js';
import { takenReason } from '../domain/failure.js';
import type { CurrentLife } from './current-life.js';

/** Brings a job's artifacts to GitLab. What GitLab does not take makes a job fail that had succeeded. */
export async function deliver(life: CurrentLife): Promise<void> {
  const { record, job, parts, plan, trace, signal, takenReasons } = life;
  const { ending } = record;
  if (!ending) throw new Error('a job whose artifacts are to be delivered has no ending');
  const [stage] = (await parts.stages.of(record.id)).filter(({ name }) => name === 'work');
  const { attempt } = stage?.news ?? {};
  const brought =
    stage && attempt ? [{ attemptId: attemptIdOf(jobIdOf(stage.groupId, 0), attempt.number) }] : [];
  const server = parts.gitlabs.of(record.gitlabUrl);
  const delivered = await deliverArtifacts(
    {
      id: record.id,
      job: { server, id: record.ciJobId, token: job.token },
      plans: plan.artifacts,
      brought,
    },
    {
      outputs: parts.monitor,
      directory: join(parts.config.stateDirectory, 'artifacts'),
      tell: (tone, words) => trace.notice(tone, words),
      signal: life.working,
    },
  );
  if (signal.aborted) return;
  const isLost = delivered.is === 'refused' && ending.state === 'success';
  const failureReason = takenReason('runner_system_failure', takenReasons);
  await life.ended(isLost ? { state: 'failed', outcome: 'failed', failureReason } : ending, 'finishing');
}
