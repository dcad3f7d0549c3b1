import type { groupQueued, groupRefused, PayloadOf } from '#contracts';
import { databaseError } from '#database';
import type { DataSource } from 'typeorm';
import { insertGroup, insertJobs, insertRefusal } from '../storage/group-rows.js';
import { markChanged } from '../storage/report-rows.js';

/** Takes groups into the ledger. Bears every message twice. */
export class Groups {
  constructor(
    private readonly dataSource: DataSource,
    /** A group has come, and what was said of its attempts before can be written. */
    private readonly taken: () => void,
  ) {}

  async queued(group: PayloadOf<typeof groupQueued>): Promise<void> {
    await this.dataSource
      .transaction(async (manager) => {
        const madeAt = await insertGroup(manager, group);
        if (!madeAt) return;
        await insertJobs(manager, group, madeAt);
        await markChanged(manager, [group.groupId]);
      })
      .catch(rethrow);
    this.taken();
  }

  async refused(group: PayloadOf<typeof groupRefused>): Promise<void> {
    await this.dataSource.transaction((manager) => insertRefusal(manager, group)).catch(rethrow);
  }
}

function rethrow(thrown: unknown): never {
  throw databaseError(thrown) ?? thrown;
}
