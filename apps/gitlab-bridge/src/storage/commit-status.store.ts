import { randomUUID } from 'node:crypto';
import { commitStatusSet } from '#contracts';
import { addToOutbox } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import {
  type CommitState,
  isFinal,
  isNews,
  type StatusPlace,
  type StatusWord,
} from '../domain/commit-status.js';

/** A status that this copy is to tell GitLab. */
export interface StatusToTell extends StatusPlace, StatusWord {
  /** Of this one take: whoever takes it later has another. */
  readonly lease: string;
  readonly version: number;
  /** How often it was tried in vain. */
  readonly tries: number;
  readonly openSince: Date;
  readonly traceparent: string | undefined;
}

interface Row {
  readonly work: string;
  readonly gitlab: string;
  readonly gitlab_project: string;
  readonly sha: string;
  readonly ref: string | null;
  readonly name: string;
  readonly pipeline_id: string | null;
  readonly group_id: string | null;
  readonly state: CommitState;
  readonly said_at: Date;
  readonly description: string | null;
  readonly target_url: string | null;
  readonly version: number;
  readonly tries: number;
  readonly open_since: Date;
  readonly lease: string;
  readonly traceparent: string | null;
}

const sameplace =
  'other.gitlab = own.gitlab and other.gitlab_project = own.gitlab_project and other.sha = own.sha and other.name = own.name';

/** What GitLab is to show at commits: written down first, told then, and struck out once GitLab has it. */
export class CommitStatusStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes down how work goes. The newest work at a place is what GitLab shows: what is unfinished of an older one is not
   * told any more, but an end that is already written down still comes before.
   * @param pauseMs how long anything but an end waits, so that what changes quickly is told once
   * @returns whether there is something to tell
   */
  async note(place: StatusPlace, word: StatusWord, pauseMs: number, traceparent?: string): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      await this.lock(manager, place);
      const known = await this.known(manager, word);
      if (!known) return this.begin(manager, place, word, pauseMs, traceparent);
      if (!isNews({ state: known.state, at: known.said_at }, word)) {
        await this.reword(manager, word);
        return false;
      }
      return this.change(manager, word, pauseMs);
    });
  }

  /**
   * Writes down the end of work that has none. Of what ended otherwise, and of what was never shown, nothing changes.
   * @returns whether there is something to tell
   */
  async end(word: StatusWord): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const shown = await this.known(manager, word);
      if (!shown) return false;
      await this.lock(manager, toTell(shown));
      // It may have ended before the lock was ours.
      const known = await this.known(manager, word);
      return known !== undefined && !isFinal(known.state) && this.change(manager, word, 0);
    });
  }

  /** Until the transaction ends, nobody else writes about this place. */
  private async lock(
    manager: EntityManager,
    { gitlab, gitlabProject, sha, name }: StatusPlace,
  ): Promise<void> {
    const key = JSON.stringify([gitlab, gitlabProject, sha, name]);
    await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
  }

  private async known(manager: EntityManager, { workId }: StatusWord): Promise<Row | undefined> {
    const [row] = await manager.query<Row[]>('select * from commit_status where work = $1', [workId]);
    return row;
  }

  private async change(manager: EntityManager, word: StatusWord, pauseMs: number): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `update commit_status own set state = $2, said_at = $3, description = $4,
         target_url = coalesce($5, target_url), version = version + 1, is_open = true,
         open_since = case when is_open then open_since else clock_timestamp() end,
         due_at = case when is_open and tries > 0 then due_at
                       when $7 then clock_timestamp()
                       when is_open then due_at
                       else clock_timestamp() + $6 * interval '1 millisecond' end
       where work = $1 and not exists
         (select 1 from commit_status other where ${sameplace} and other.seq > own.seq)`,
      [...wordValues(word), pauseMs, isFinal(word.state)],
    );
    return count > 0;
  }

  private async begin(
    manager: EntityManager,
    place: StatusPlace,
    word: StatusWord,
    pauseMs: number,
    traceparent: string | undefined,
  ): Promise<boolean> {
    await manager.query(
      `insert into commit_status (work, state, said_at, description, target_url, due_at, gitlab, gitlab_project,
         sha, ref, name, pipeline_id, group_id, traceparent)
       values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond', $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        ...wordValues(word),
        isFinal(word.state) ? 0 : pauseMs,
        place.gitlab,
        place.gitlabProject,
        place.sha,
        place.ref ?? null,
        place.name,
        place.pipelineId ?? null,
        word.groupId ?? null,
        traceparent ?? null,
      ],
    );
    await manager.query(
      `update commit_status other set is_open = false, problem = 'newer work took its place'
       from commit_status own where own.work = $1 and ${sameplace} and other.seq < own.seq
         and other.is_open and other.state in ('pending', 'running')`,
      [word.workId],
    );
    return true;
  }

  /** What GitLab does not have yet is told in the latest words; of what it has, it takes no others in the same state. */
  private async reword(
    manager: EntityManager,
    { workId, state, at, description }: StatusWord,
  ): Promise<void> {
    await manager.query(
      `update commit_status set said_at = $3, description = $4
       where work = $1 and state = $2 and said_at < $3 and is_open and told is distinct from state`,
      [workId, state, at, description ?? null],
    );
  }

  /** Takes what is due and what nobody is telling: of each place the oldest. */
  async take(most: number, leaseMs: number): Promise<readonly StatusToTell[]> {
    const [rows] = await this.dataSource.query<[readonly Row[], number]>(
      `update commit_status set lease = $3, lease_until = clock_timestamp() + $2 * interval '1 millisecond'
       where work in (
         select work from commit_status own
         where is_open and due_at <= clock_timestamp() and lease_until <= clock_timestamp()
           and not exists (select 1 from commit_status other
                           where ${sameplace} and other.is_open and other.seq < own.seq)
         order by due_at limit $1 for update skip locked)
       returning *`,
      [most, leaseMs, randomUUID()],
    );
    return rows.map(toTell);
  }

  /** Keeps it for this copy while GitLab takes its time. */
  async renew({ workId, lease }: StatusToTell, leaseMs: number): Promise<void> {
    await this.dataSource.query(
      `update commit_status set lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       where work = $1 and lease = $2`,
      [workId, lease, leaseMs],
    );
  }

  /** GitLab has it. Where more was said meanwhile, that is told next. */
  async told(status: StatusToTell, shown: Partial<Pick<StatusPlace, 'pipelineId' | 'ref'>>): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(
        `update commit_status set told = $3, is_open = version <> $4, tries = 0, problem = null,
           pipeline_id = coalesce(pipeline_id, $5), ref = coalesce(ref, $6),
           due_at = clock_timestamp(), lease = null, lease_until = '-infinity'
         where work = $1 and lease = $2`,
        [
          status.workId,
          status.lease,
          status.state,
          status.version,
          shown.pipelineId ?? null,
          shown.ref ?? null,
        ],
      );
      // Another copy took it over meanwhile, and says so itself.
      if (count === 0) return;
      const { gitlab, gitlabProject, sha, name, state, groupId } = status;
      const ref = status.ref ?? shown.ref;
      const pipelineId = status.pipelineId ?? shown.pipelineId;
      await addToOutbox(manager, {
        message: commitStatusSet,
        payload: {
          gitlab,
          gitlabProject,
          sha,
          ref,
          name,
          state,
          pipelineId,
          groupId,
          at: new Date().toISOString(),
        },
        correlationId: groupId,
        traceparent: status.traceparent,
      });
    });
  }

  /** To be tried again after this time; at once where an end was said meanwhile and nothing is wrong with GitLab. */
  async later({ workId, lease }: StatusToTell, waitMs: number, problem: string): Promise<void> {
    await this.dataSource.query(
      `update commit_status set tries = tries + 1, due_at = clock_timestamp() + $3 * interval '1 millisecond',
         problem = $4, lease = null, lease_until = '-infinity'
       where work = $1 and lease = $2`,
      [workId, lease, waitMs, problem],
    );
  }

  /** Not to be told any more, until something else is said of the work. */
  async giveUp({ workId, lease, version }: StatusToTell, problem: string): Promise<void> {
    await this.dataSource.query(
      `update commit_status set is_open = version <> $3, tries = 0, problem = $4, lease = null,
         lease_until = '-infinity', due_at = clock_timestamp()
       where work = $1 and lease = $2`,
      [workId, lease, version, problem],
    );
  }

  /** Forgets what was told long ago. */
  async forget(days: number, most: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `delete from commit_status where work in (
         select work from commit_status where not is_open and said_at < now() - $1 * interval '1 day' limit $2)`,
      [days, most],
    );
    return count;
  }
}

const wordValues = ({ workId, state, at, description, targetUrl }: StatusWord): readonly unknown[] => [
  workId,
  state,
  at,
  description ?? null,
  targetUrl ?? null,
];

const toTell = (row: Row): StatusToTell => ({
  workId: row.work,
  gitlab: row.gitlab,
  gitlabProject: row.gitlab_project,
  sha: row.sha,
  ref: row.ref ?? undefined,
  name: row.name,
  pipelineId: row.pipeline_id === null ? undefined : Number(row.pipeline_id),
  groupId: row.group_id ?? undefined,
  state: row.state,
  at: row.said_at,
  description: row.description ?? undefined,
  targetUrl: row.target_url ?? undefined,
  version: row.version,
  tries: row.tries,
  openSince: row.open_since,
  lease: row.lease,
  traceparent: row.traceparent ?? undefined,
});
