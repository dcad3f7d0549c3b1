import type { DataSource, EntityManager } from 'typeorm';
import type { StoredResource } from '../domain/stored-resource.js';
import { columns, fromRow, type ResourceRow } from './resource-row.js';

/** What all that a copy keeps is read from: the latest state of everything, in the order of revisions. */
export class SnapshotStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The newest revision; 0 where there is none. Revisions become visible in their order, so whoever reads up to it
   * misses nothing below it.
   */
  async newest(): Promise<number> {
    const rows = await this.dataSource.query<{ newest: string | null }[]>(
      'select max(revision) as newest from resource_version',
    );
    return Number(rows[0]?.newest ?? 0);
  }

  /**
   * The first `limit` resources, removed ones included, whose latest revision lies in (after, upTo]. What is changed
   * while pages are read leaves its page: its new state has a revision above `upTo`, and is announced.
   */
  async page<T>(
    range: { readonly after: number; readonly upTo: number; readonly limit: number },
    present: (manager: EntityManager, stored: StoredResource) => Promise<T>,
  ): Promise<readonly T[]> {
    // One state of the database for a resource and what is kept beside it.
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const rows = await manager.query<ResourceRow[]>(
        `select ${columns} from resource_version
         where valid_to is null and revision > $1 and revision <= $2 order by revision limit $3`,
        [range.after, range.upTo, range.limit],
      );
      const presented: T[] = [];
      for (const row of rows) presented.push(await present(manager, fromRow(row)));
      return presented;
    });
  }
}
