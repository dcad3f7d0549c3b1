import type { GroupQuery, JobGroup, JobGroupWithAll, Page } from '#api';
import type { JobTemplate } from '#contracts';
import { permanent } from '#errors';
import { cursorOf } from '#service';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Counts } from '../domain/outcome.js';
import { openCursor } from '../http/checked.js';
import { Conditions, partOf } from '../storage/conditions.js';
import { countStates } from '../storage/progress-rows.js';
import { groupTotalsOf } from './group-totals.js';

interface GroupRow {
  readonly id: string;
  readonly made: string;
  readonly name: string;
  readonly project: string;
  readonly backend: string | null;
  readonly user_name: string | null;
  readonly identity: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly jobs: number;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly refusal: { readonly code: string; readonly reason: string } | null;
  readonly finished_at: Date | null;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | null;
  readonly states: Counts | null;
}

const columns = `g.id, g.made_at::text as made, g.name, g.project, g.backend, g.user_name, g.identity, g.labels, g.jobs,
  g.requested_by, g.requested_at, g.refusal, g.finished_at, g.outcome, g.states`;

const byState: Readonly<Record<JobGroup['state'], string>> = {
  active: 'g.finished_at is null and g.refusal is null',
  refused: 'g.refusal is not null',
  succeeded: `g.outcome = 'succeeded'`,
  failed: `g.outcome = 'failed'`,
  cancelled: `g.outcome = 'cancelled'`,
};

const position = z.tuple([z.string().max(64), z.uuid()]);

/** Reads groups as the API shows them, the latest first. */
export class GroupsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** @param only the projects that whoever asks may see; undefined: all */
  async list(query: GroupQuery, only: readonly string[] | undefined): Promise<Page<JobGroup>> {
    const { limit, cursor, project, backend, user, state, since, until, q } = query;
    const after = openCursor(cursor, position);
    const conditions = new Conditions()
      .add('g.project = any(?)', only)
      .add('g.project = ?', project)
      .add('g.backend = ?', backend)
      .add('g.user_name = ?', user)
      .add('g.requested_at >= ?', since)
      .add('g.requested_at < ?', until)
      .add('g.name ilike ?', partOf(q))
      .add('(g.made_at, g.id) < (?::timestamptz, ?::uuid)', after?.[0], after?.[1]);
    if (state) conditions.add(byState[state]);
    const rows = await this.dataSource.query<GroupRow[]>(
      `select ${columns} from job_group g ${conditions.where}
       order by g.made_at desc, g.id desc limit ${conditions.value(limit + 1)}`,
      conditions.values,
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const items = await this.shown(shown);
    return rows.length > limit && last ? { items, next: cursorOf([last.made, last.id]) } : { items };
  }

  /** @throws permanent `group.not_found` */
  async read(id: string): Promise<JobGroupWithAll> {
    const [row] = await this.dataSource.query<
      (GroupRow & { readonly template: JobTemplate | null; readonly running_at_once: number | null })[]
    >(`select ${columns}, g.template, g.running_at_once from job_group g where g.id = $1`, [id]);
    const [group] = row ? await this.shown([row]) : [];
    if (!row || !group) throw permanent('group.not_found', `there is no group ${id}`, { level: 'info' });
    const totals = await groupTotalsOf(this.dataSource, group);
    const { template, running_at_once } = row;
    return { ...group, template: template ?? undefined, runningAtOnce: running_at_once ?? undefined, totals };
  }

  /**
   * The project that a group belongs to.
   * @throws permanent `group.not_found`
   */
  async projectOf(id: string): Promise<string> {
    const [row] = await this.dataSource.query<{ project: string }[]>(
      'select project from job_group where id = $1',
      [id],
    );
    if (row) return row.project;
    throw permanent('group.not_found', `there is no group ${id}`, { level: 'info' });
  }

  /** Those that are not over are counted anew. */
  private async shown(rows: readonly GroupRow[]): Promise<readonly JobGroup[]> {
    const active = rows.filter(({ finished_at, refusal }) => !finished_at && !refusal).map(({ id }) => id);
    const counts = active.length > 0 ? await countStates(this.dataSource, active) : new Map<string, Counts>();
    return rows.map((row) => groupOf(row, counts.get(row.id)));
  }
}

const groupOf = (row: GroupRow, counted: Counts | undefined): JobGroup => ({
  id: row.id,
  name: row.name,
  project: row.project,
  backend: row.backend ?? undefined,
  user: row.user_name ?? undefined,
  identity: row.identity ?? undefined,
  state: row.refusal ? 'refused' : (row.outcome ?? 'active'),
  states: counted ?? row.states ?? {},
  jobs: row.jobs,
  labels: row.labels,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString(),
  refusal: row.refusal ? { code: row.refusal.code, reason: row.refusal.reason } : undefined,
});
