import { join } from 'node:path';
import { broughtBack, deliverArtifacts, type Delivered } from '../artifacts/index.js';
import { endingOf, takenReason } from '../domain/failure.js';
import type { CurrentLife } from './current-life.js';

/**
 * Brings a job's artifacts to GitLab, also those of one that was cancelled while it ran. What GitLab does not take makes a
 * job fail that had succeeded; so does a cancellation that comes meanwhile, after which no further upload is begun.
 */
export async function deliver(life: CurrentLife): Promise<void> {
  const { record, signal, takenReasons } = life;
  const { ending } = record;
  if (!ending) throw new Error('a job whose artifacts are to be delivered has no ending');
  const delivered = await bring(life);
  if (signal.aborted || record.stop === 'stop') return;
  if (delivered === 'cancelled')
    return life.ended(endingOf({ state: 'cancelled' }, 'cancel', takenReasons), 'finishing');
  const isLost = delivered.is === 'refused' && ending.state === 'success';
  const failureReason = takenReason('runner_system_failure', takenReasons);
  await life.ended(isLost ? { state: 'failed', outcome: 'failed', failureReason } : ending, 'finishing');
}

async function bring(life: CurrentLife): Promise<Delivered | 'cancelled'> {
  const { record, job, parts, plan, trace, fanOut } = life;
  const stages = await parts.stages.of(record.id);
  const brought =
    plan.artifacts.length === 0 ? [] : await broughtBack(parts.monitor, stages, fanOut?.artifacts);
  const server = parts.gitlabs.of(record.gitlabUrl);
  try {
    return await deliverArtifacts(
      {
        id: record.id,
        job: { server, id: record.ciJobId, token: job.token },
        plans: plan.artifacts,
        brought,
        place: record.delivery,
      },
      {
        outputs: parts.monitor,
        directory: join(parts.config.stateDirectory, 'artifacts'),
        tell: (tone, words, delivery) => trace.notice(tone, words, { delivery }),
        signal: life.delivering,
      },
    );
  } catch (thrown) {
    if (life.isCancelled && life.delivering.aborted) return 'cancelled';
    throw thrown;
  }
}
