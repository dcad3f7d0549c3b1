import { randomUUID } from 'node:crypto';
import { ciJobFinished, ciJobReceived, jobCancel, jobSubmit, type InputOf } from '#contracts';
import { addToOutbox, type OutboxEntry } from '#database';
import { temporary } from '#errors';
import type { DataSource, EntityManager } from 'typeorm';
import type { CiJobFields, CiJobRecord, Ending, Stop } from '../domain/ci-job.js';

/** A job as GitLab gave it: `fields` can be told to everybody, all else is in `sealed`. */
export interface NewCiJob {
  readonly gitlabUrl: string;
  readonly fields: CiJobFields;
  readonly sealed: string;
  readonly traceparent?: string | undefined;
}

/** A job that this copy has the lease of. Whatever another copy has taken over meanwhile is left to that one. */
export interface Held {
  readonly id: string;
  readonly holder: string;
}

/** A stage of a job's life, as a group on the grid. */
export interface NewStage {
  readonly name: string;
  readonly group: InputOf<typeof jobSubmit>;
}

/** Why grid jobs are not wanted any more, and how long their last steps may take. */
export type CancelWish = Pick<InputOf<typeof jobCancel>, 'reason' | 'requestedBy' | 'graceSeconds'>;

/** Another copy looks after the job now. */
export const leaseLost = (): Error =>
  temporary('ci_job.lease_lost', 'another copy looks after it', { level: 'info' });

/** CI jobs from their receipt to their end. Each step is one transaction with what is said of it. */
export class CiJobStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Writes down a job that GitLab gave. */
  async receive({ gitlabUrl, fields, sealed, traceparent }: NewCiJob): Promise<void> {
    const { gitlab, runner, project, ciJobId } = fields;
    await this.dataSource.transaction(async (manager) => {
      const inserted = await manager.query<unknown[]>(
        `insert into ci_job (id, gitlab, gitlab_url, runner, project, ci_job_id, fields, sealed, traceparent)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id`,
        [
          randomUUID(),
          gitlab,
          gitlabUrl,
          runner,
          project ?? null,
          ciJobId,
          JSON.stringify(fields),
          sealed,
          traceparent ?? null,
        ],
      );
      if (inserted.length === 0) return;
      const payload = { ...fields, at: new Date().toISOString() };
      await addToOutbox(manager, { message: ciJobReceived, payload, ...threadOf(fields, traceparent) });
    });
  }

  /** How many jobs are not over: of each runner, and of each project. */
  async open(): Promise<readonly { runner: string; project: string | null; jobs: number }[]> {
    return this.dataSource.query(
      `select runner, project, count(*)::int as jobs from ci_job where phase <> 'over' group by runner, project`,
    );
  }

  /** The stages begin and the job is worked at. */
  async work(held: Held, job: CiJobRecord, plan: string, stages: readonly NewStage[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.update(manager, held, `phase = 'working', plan = $3`, [plan]);
      await beginStages(manager, job, stages);
    });
  }

  /** A further stage of a job that is worked at, whose log begins at its first byte. */
  async beginStage(held: Held, job: CiJobRecord, stage: NewStage): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.update(manager, held, `phase = 'working', log_attempt = 0, log_offset = 0`, []);
      await beginStages(manager, job, [stage]);
    });
  }

  /** The job is to end so, whatever is heard later. */
  async ended(held: Held, ending: Ending, phase: 'delivering' | 'finishing'): Promise<void> {
    await this.update(
      this.dataSource.manager,
      held,
      `phase = $4, ending = $3, finishing_at = case when $4 = 'finishing' then now() end`,
      [JSON.stringify(ending), phase],
    );
  }

  async stop(held: Held, stop: Stop): Promise<void> {
    await this.update(this.dataSource.manager, held, 'stop = $3', [stop]);
  }

  /** Asks the grid to end whatever of the job has not ended. */
  async cancel(held: Held, job: CiJobRecord, wish: CancelWish): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.update(manager, held, 'is_cancel_asked = true', []);
      await addCancels(manager, job, wish);
    });
  }

  /** Over: secrets and the trace go. `cancel` ends what the grid still has of it. */
  async over(held: Held, job: CiJobRecord, ending: Ending, wish?: CancelWish): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.update(
        manager,
        held,
        `phase = 'over', over_at = now(), ending = $3, sealed = null, plan = null, holder = null`,
        [JSON.stringify(ending)],
      );
      if (wish) await addCancels(manager, job, wish);
      const stages = await manager.query<{ group_id: string }[]>(
        'select group_id from stage where ci_job = $1',
        [job.id],
      );
      await manager.query('delete from trace_piece where ci_job = $1', [job.id]);
      const { outcome, failureReason, exitCode, lostTraceBytes } = ending;
      const payload = {
        ...job.fields,
        at: new Date().toISOString(),
        outcome,
        ...(failureReason !== undefined && { failureReason }),
        ...(exitCode !== undefined && { exitCode }),
        ...(lostTraceBytes !== undefined && { lostTraceBytes }),
        groupIds: stages.map(({ group_id }) => group_id),
      };
      await addToOutbox(manager, {
        message: ciJobFinished,
        payload,
        ...threadOf(job.fields, job.traceparent),
      });
    });
  }

  /** Those that were over so many days ago. @returns how many there were */
  async forget(keepDays: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `delete from ci_job where phase = 'over' and over_at < now() - $1 * interval '1 day'`,
      [keepDays],
    );
    return count;
  }

  private async update(
    manager: EntityManager,
    { id, holder }: Held,
    set: string,
    values: readonly unknown[],
  ): Promise<void> {
    const [, count] = await manager.query<[unknown, number]>(
      `update ci_job set ${set} where id = $1 and holder = $2 and phase <> 'over'`,
      [id, holder, ...values],
    );
    if (count === 0) throw leaseLost();
  }
}

async function beginStages(
  manager: EntityManager,
  job: CiJobRecord,
  stages: readonly NewStage[],
): Promise<void> {
  for (const { name, group } of stages) {
    await manager.query('insert into stage (group_id, ci_job, name, jobs) values ($1, $2, $3, $4)', [
      group.groupId,
      job.id,
      name,
      group.items.length,
    ]);
    await addToOutbox(manager, {
      message: jobSubmit,
      payload: group,
      ...threadOf(job.fields, job.traceparent),
    });
  }
}

async function addCancels(manager: EntityManager, job: CiJobRecord, wish: CancelWish): Promise<void> {
  const stages = await manager.query<{ group_id: string }[]>(
    `select group_id from stage where ci_job = $1 and not news ? 'outcome' and not news ? 'refused'`,
    [job.id],
  );
  for (const { group_id: groupId } of stages) {
    const payload = { ...wish, groupId };
    await addToOutbox(manager, { message: jobCancel, payload, ...threadOf(job.fields, job.traceparent) });
  }
}

const threadOf = (
  { gitlab, ciJobId }: CiJobFields,
  traceparent: string | undefined,
): Pick<OutboxEntry<typeof jobCancel>, 'correlationId' | 'traceparent'> => ({
  correlationId: `${gitlab}/${ciJobId}`,
  traceparent,
});
