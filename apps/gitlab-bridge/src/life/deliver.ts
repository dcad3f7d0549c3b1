import { join } from 'node:path';
import { broughtBack, deliverArtifacts } from '../artifacts/index.js';
import { takenReason } from '../domain/failure.js';
import type { CurrentLife } from './current-life.js';

/** Brings a job's artifacts to GitLab. What GitLab does not take makes a job fail that had succeeded. */
export async function deliver(life: CurrentLife): Promise<void> {
  const { record, job, parts, plan, trace, signal, takenReasons, fanOut } = life;
  const { ending } = record;
  if (!ending) throw new Error('a job whose artifacts are to be delivered has no ending');
  const stages = await parts.stages.of(record.id);
  const brought =
    plan.artifacts.length === 0 ? [] : await broughtBack(parts.monitor, stages, fanOut?.artifacts);
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
