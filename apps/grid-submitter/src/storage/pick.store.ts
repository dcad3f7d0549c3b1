import { randomUUID } from 'node:crypto';
import type { JobTemplate } from '#contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { type Candidate, type InFlight, whoseTurn } from '../domain/turn.js';

/** A group as far as submitting it is concerned. */
export interface PickedGroup {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly backend: string;
  /** Name of the identity mapping; absent: the backend's own account. */
  readonly identity: string | undefined;
  readonly user: string | undefined;
  readonly template: JobTemplate;
}

/** One attempt and what sets its job apart from the others of the group. `number` counts from 1. */
export interface PickedAttempt {
  readonly id: string;
  readonly jobId: string;
  readonly index: number;
  readonly number: number;
  readonly item: { readonly key: string; readonly variables: Readonly<Record<string, string>> };
}

/** Attempts of one group that are to be submitted at once: written down, with a lease on them. */
export interface Picked {
  readonly id: string;
  readonly group: PickedGroup;
  /** For the backend to keep; absent: there is no such limit, or it is kept here. */
  readonly runningAtOnce: number | undefined;
  /** In the order that is written down. */
  readonly attempts: readonly PickedAttempt[];
}

/** For which backend, how much at most, and by which copy it is picked. */
export interface PickOptions {
  readonly backend: string;
  /** Jobs of all projects at once. */
  readonly jobs: number;
  readonly mostAttempts: number;
  /** Whether the backend itself keeps to `runningAtOnce`. */
  readonly throttles: boolean;
  readonly holder: string;
  readonly leaseMs: number;
  limitOf(project: string): number | undefined;
}

interface CandidateRow extends Candidate {
  readonly running_at_once: number | null;
  /** How many more of it may run; null: as many as like. */
  readonly free: number | null;
  readonly open: number;
}

/** Decides what is submitted next. One decides at a time over all copies, so that no limit is exceeded. */
export class PickStore {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns undefined where nothing may be submitted now */
  async pick(options: PickOptions): Promise<Picked | undefined> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`select pg_advisory_xact_lock(hashtext(current_schema() || '.pick'))`);
      for (;;) {
        const candidates = await candidatesOf(manager, options.backend);
        if (candidates.length === 0) return undefined;
        const inFlight = await inFlightOf(manager);
        const turn = whoseTurn({ ...options, candidates, inFlight });
        const candidate = candidates.find(({ groupId }) => groupId === turn?.candidate.groupId);
        if (!turn || !candidate) return undefined;
        // The group first, then its attempts: in the order in which everybody locks them.
        await manager.query('select 1 from job_group where id = $1 for no key update', [candidate.groupId]);
        const picked = await take(manager, candidate, turn.most, options);
        if (picked) return picked;
      }
    });
  }
}

const inFlightOf = (manager: EntityManager): Promise<readonly InFlight[]> =>
  manager.query<InFlight[]>(
    `select backend, project, count(*)::int as jobs from attempt
     where state in ('submitting', 'submitted') group by backend, project`,
  );

/** The first group of each project: by priority, then in the order in which they came. None while the backend is left alone. */
const candidatesOf = (manager: EntityManager, backend: string): Promise<readonly CandidateRow[]> =>
  manager.query<CandidateRow[]>(
    `select distinct on (job_group.project) job_group.id as "groupId", job_group.project,
       extract(epoch from turn.last_at)::float8 * 1000 as "lastTurn", running_at_once,
       used.free::int as free, coalesce(used.open, 0)::int as open
     from job_group
     left join turn on turn.backend = job_group.backend and turn.project = job_group.project
     left join lateral (
       select job_group.running_at_once - coalesce(sum(least(submission.running_at_once, attempts)), 0) as free,
         coalesce(sum(attempts), 0) as open
       from (select submission_id, count(*) as attempts from attempt
             where attempt.backend = job_group.backend and attempt.project = job_group.project
               and attempt.group_id = job_group.id and state in ('submitting', 'submitted')
             group by submission_id) as of_submission
       join submission on submission.id = submission_id
     ) as used on job_group.running_at_once is not null
     where job_group.backend = $1 and due_at <= clock_timestamp()
       and (job_group.running_at_once is null or used.free > 0)
       and not exists (select 1 from back_off where back_off.backend = $1 and until > now())
     order by job_group.project, priority desc, position`,
    [backend],
  );

interface AttemptToTake {
  readonly id: string;
  readonly job_id: string;
  readonly index: number;
  readonly number: number;
  readonly item: PickedAttempt['item'];
}

/** Undefined where none of its attempts can be had now: then it is not due any more. */
async function take(
  manager: EntityManager,
  { groupId, running_at_once: atOnce, free, open, project }: CandidateRow,
  most: number,
  { backend, mostAttempts, throttles, holder, leaseMs }: PickOptions,
): Promise<Picked | undefined> {
  // The backend keeps the limit within a submission only: what comes beside another one is counted here.
  const isHanded = atOnce !== null && throttles && open === 0;
  const wanted = Math.min(most, mostAttempts, atOnce === null || isHanded ? Infinity : (free ?? 0));
  const rows = await manager.query<AttemptToTake[]>(
    `select id, job_id, index, number, item from attempt
     where group_id = $1 and state = 'queued' and not_before <= clock_timestamp()
     order by index limit $2 for update skip locked`,
    [groupId, wanted],
  );
  const runningAtOnce = isHanded ? atOnce : undefined;
  const submission = { id: randomUUID(), groupId, backend, project, runningAtOnce, holder, leaseMs };
  const group = rows.length === 0 ? undefined : await writeDown(manager, submission, rows);
  if (rows.length < wanted) await dueLater(manager, groupId);
  return group && { id: submission.id, group, runningAtOnce, attempts: rows.map(taken) };
}

interface NewSubmission extends Pick<PickOptions, 'backend' | 'holder' | 'leaseMs'> {
  readonly id: string;
  readonly groupId: string;
  readonly project: string;
  readonly runningAtOnce: number | undefined;
}

/** The submission, its attempts in their order, and that it was the project's turn; in one statement, for all wait for it. */
async function writeDown(
  manager: EntityManager,
  { id, groupId, backend, project, runningAtOnce, holder, leaseMs }: NewSubmission,
  rows: readonly AttemptToTake[],
): Promise<PickedGroup> {
  const [group] = await manager.query<GroupRow[]>(
    `with made as (
       insert into submission (id, group_id, backend, state, running_at_once, holder, started_at, lease_until)
       values ($1, $2, $3, 'submitting', $4, $5, clock_timestamp(),
         clock_timestamp() + $6 * interval '1 millisecond')),
     placed as (
       update attempt set state = 'submitting', submission_id = $1, place = taken.place
       from unnest($7::uuid[]) with ordinality as taken (id, place) where attempt.id = taken.id),
     turned as (
       insert into turn (backend, project, last_at) values ($3, $8, clock_timestamp())
       on conflict (backend, project) do update set last_at = excluded.last_at)
     select ${groupColumns} from job_group where id = $2`,
    [id, groupId, backend, runningAtOnce ?? null, holder, leaseMs, rows.map((row) => row.id), project],
  );
  return pickedGroup(group, groupId);
}

/** The group has nothing more for now: what is left waits for its time, or for who has a lock on it. */
const dueLater = (manager: EntityManager, groupId: string): Promise<unknown> =>
  manager.query(
    `update job_group set due_at = (
       select greatest(min(not_before), clock_timestamp() + interval '200 milliseconds') from attempt
       where group_id = $1 and state = 'queued' having count(*) > 0)
     where id = $1`,
    [groupId],
  );

const taken = ({ id, job_id: jobId, index, number, item }: AttemptToTake): PickedAttempt => ({
  id,
  jobId,
  index,
  number,
  item,
});

interface GroupRow extends Omit<PickedGroup, 'identity' | 'user'> {
  readonly identity: string | null;
  readonly user_name: string | null;
}

const groupColumns = 'id, name, project, backend, identity, user_name, template';

/** @throws Error where there is no such group, which attempts that are locked rule out */
export async function groupOf(manager: EntityManager | DataSource, groupId: string): Promise<PickedGroup> {
  const [row] = await manager.query<GroupRow[]>(`select ${groupColumns} from job_group where id = $1`, [
    groupId,
  ]);
  return pickedGroup(row, groupId);
}

function pickedGroup(row: GroupRow | undefined, groupId: string): PickedGroup {
  if (!row) throw new Error(`there is no group ${groupId}`);
  const { identity, user_name: user, ...group } = row;
  return { ...group, identity: identity ?? undefined, user: user ?? undefined };
}
