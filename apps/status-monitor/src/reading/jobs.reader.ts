import type { GridJob, JobQuery, Page, PageQuery } from '#api';
import type { AttemptState } from '#contracts';
import { cursorOf } from '#service';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { openCursor } from '../http/checked.js';
import { Conditions, partOf } from '../storage/conditions.js';
import { jobColumns, jobOf, type JobRow, jobTables } from './job-row.js';

const position = z.tuple([z.string().max(64), z.uuid()]);
const place = z.tuple([z.int().nonnegative()]);

/** Reads jobs as the API shows them: each by its latest attempt. */
export class JobsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** @param only the projects that whoever asks may see; undefined: all */
  async search(query: JobQuery, only: readonly string[] | undefined): Promise<Page<GridJob>> {
    const { limit, cursor, project, backend, user, state, since, until, q, group } = query;
    const after = openCursor(cursor, position);
    const conditions = new Conditions()
      .add('a.is_latest')
      .add('a.project = any(?)', only)
      .add('a.project = ?', project)
      .add('a.backend = ?', backend)
      .add('a.state = ?', state)
      .add('a.group_id = ?', group)
      .add('a.group_id in (select id from job_group where user_name = ?)', user)
      .add('a.group_id in (select id from job_group where requested_at >= ?)', since)
      .add('a.group_id in (select id from job_group where requested_at < ?)', until)
      .add('(j.key ilike ? or a.batch_id = ?)', partOf(q), q)
      .add('(a.made_at, a.id) < (?::timestamptz, ?::uuid)', after?.[0], after?.[1]);
    const rows = await this.rows(conditions, 'a.made_at desc, a.id desc', limit);
    const last = rows.slice(0, limit).at(-1);
    return pageOf(rows, limit, last && [last.made, last.attempt_id]);
  }

  /** The jobs of a group, in its order. */
  async ofGroup(
    groupId: string,
    { limit, cursor, state }: PageQuery & { readonly state?: AttemptState | undefined },
  ): Promise<Page<GridJob>> {
    const after = openCursor(cursor, place);
    const conditions = new Conditions()
      .add('a.is_latest')
      .add('a.group_id = ?', groupId)
      .add('a.state = ?', state)
      .add('a.index > ?', after?.[0]);
    const rows = await this.rows(conditions, 'a.index', limit);
    const last = rows.slice(0, limit).at(-1);
    return pageOf(rows, limit, last && [last.index]);
  }

  private rows(conditions: Conditions, order: string, limit: number): Promise<JobRow[]> {
    const most = conditions.value(limit + 1);
    return this.dataSource.query<JobRow[]>(
      `select ${jobColumns} from ${jobTables} ${conditions.where} order by ${order} limit ${most}`,
      conditions.values,
    );
  }
}

function pageOf(
  rows: readonly JobRow[],
  limit: number,
  last: readonly (string | number)[] | undefined,
): Page<GridJob> {
  const items = rows.slice(0, limit).map(jobOf);
  return rows.length > limit && last ? { items, next: cursorOf(last) } : { items };
}
