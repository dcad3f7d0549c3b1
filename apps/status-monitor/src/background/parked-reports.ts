import type { DataSource, EntityManager } from 'typeorm';
import { applyReports } from '../ledger/apply-reports.js';
import { takeParked } from '../storage/report-rows.js';

const mostAtOnce = 500;

/** Writes what was said of attempts before the ledger knew them. */
export class ParkedReports {
  constructor(
    private readonly dataSource: DataSource,
    private readonly said: () => void,
  ) {}

  async round(): Promise<void> {
    while ((await this.dataSource.transaction(applyDue)) === mostAtOnce);
    this.said();
  }
}

async function applyDue(manager: EntityManager): Promise<number> {
  const reports = await takeParked(manager, mostAtOnce);
  await applyReports(manager, reports);
  return reports.length;
}
