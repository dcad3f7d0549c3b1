import type { Identity } from '#access';
import type { CancelBody, ChangedJobs } from '#api';
import { type AttemptState, hasEnded, jobCancel } from '#contracts';
import { addAllToOutbox, addToOutbox } from '#database';
import { permanent } from '#errors';
import type { DataSource, EntityManager } from 'typeorm';
import type { Attempt } from '../domain/attempt.js';
import { attemptColumns, attemptOf, type AttemptRow, writeAttempts } from '../storage/attempt-rows.js';
import { markChanged } from '../storage/report-rows.js';
import { follow } from './retries.js';

/** Jobs of one group. */
export interface Wanted {
  readonly groupId: string;
  /** Absent: all of the group. */
  readonly jobId?: string | undefined;
}

/** What people want of jobs: their end, or another attempt. */
export class Wishes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly said: () => void,
  ) {}

  /** Asks the submitter to end what is not over. */
  async cancel(wanted: Wanted, { reason }: CancelBody, by: Identity): Promise<ChangedJobs> {
    const jobs = await this.dataSource.transaction(async (manager) => {
      const open = (await latest(manager, wanted)).filter(({ state }) => !hasEnded(state));
      if (open.length === 0) return 0;
      const words = reason === undefined ? `cancelled by ${by.name}` : `cancelled by ${by.name}: ${reason}`;
      await addToOutbox(manager, {
        message: jobCancel,
        payload: {
          groupId: wanted.groupId,
          indexes: wanted.jobId === undefined ? undefined : open.map(({ index }) => index),
          reason: { fault: 'cancelled', words },
          requestedBy: by.subject.slice(0, 255),
        },
      });
      return open.length;
    });
    this.said();
    return { jobs };
  }

  /**
   * Gives jobs a further attempt: of a group those that did not succeed, of a job itself.
   * @throws permanent `job.still_running` where the one job is not over
   */
  async retry(wanted: Wanted, by: Identity): Promise<ChangedJobs> {
    const jobs = await this.dataSource.transaction(async (manager) => {
      // Before the attempts, as whoever says a group's progress does.
      await manager.query('select 1 from job_group where id = $1 for update', [wanted.groupId]);
      const ended = (await latest(manager, wanted)).filter((attempt) => isWanted(attempt, wanted));
      await this.follow(manager, wanted.groupId, ended, by);
      return ended.length;
    });
    this.said();
    return { jobs };
  }

  private async follow(
    manager: EntityManager,
    groupId: string,
    ended: readonly Attempt[],
    by: Identity,
  ): Promise<void> {
    if (ended.length === 0) return;
    const now = new Date();
    const following = ended.map((attempt) => {
      const fault = attempt.reason?.fault ?? 'cancelled';
      return { attempt, because: { fault, words: `${by.name} asked for another attempt` }, notBefore: now };
    });
    const { outbox } = await follow(manager, following, now);
    await writeAttempts(
      manager,
      ended.map((attempt) => ({ ...attempt, isLatest: false })),
    );
    await manager.query('update job_group set finished_at = null, outcome = null where id = $1', [groupId]);
    await markChanged(manager, [groupId]);
    await addAllToOutbox(manager, outbox);
  }
}

const unlucky: readonly AttemptState[] = ['failed', 'cancelled', 'lost'];

function isWanted({ state }: Attempt, { jobId }: Wanted): boolean {
  if (jobId === undefined) return unlucky.includes(state);
  if (hasEnded(state)) return true;
  throw permanent('job.still_running', `the job is ${state}: it can be tried again once it is over`, {
    level: 'info',
  });
}

async function latest(manager: EntityManager, { groupId, jobId }: Wanted): Promise<readonly Attempt[]> {
  const rows = await manager.query<AttemptRow[]>(
    `select ${attemptColumns} from attempt a
     where a.group_id = $1 and a.is_latest and ($2::uuid is null or a.job_id = $2) order by a.id for update`,
    [groupId, jobId ?? null],
  );
  return rows.map(attemptOf);
}
