import type { DataSource } from 'typeorm';
import type { LaneSummary } from '../domain/findings.js';

/** What the publications that were heard of say of each CVMFS repository. */
export class LaneStore {
  constructor(private readonly dataSource: DataSource) {}

  async summaries(): Promise<readonly LaneSummary[]> {
    const open = `state in ('waiting', 'publishing', 'retrying')`;
    const rows = await this.dataSource.query<LaneRow[]>(
      `select cvmfs_repository, count(*) filter (where ${open})::int as waiting,
         count(*) filter (where state = 'retrying')::int as retrying,
         min(coalesce(requested_at, at)) filter (where ${open}) as oldest_wait,
         max(at) filter (where state = 'published') as last_published,
         count(*) filter (where state = 'failed' and at > now() - interval '1 day')::int as failed
       from publication group by cvmfs_repository`,
    );
    return rows.map((row) => ({
      cvmfsRepository: row.cvmfs_repository,
      waiting: row.waiting,
      retrying: row.retrying,
      oldestWait: row.oldest_wait ?? undefined,
      lastPublished: row.last_published ?? undefined,
      failed: row.failed,
    }));
  }
}

interface LaneRow {
  readonly cvmfs_repository: string;
  readonly waiting: number;
  readonly retrying: number;
  readonly oldest_wait: Date | null;
  readonly last_published: Date | null;
  readonly failed: number;
}
