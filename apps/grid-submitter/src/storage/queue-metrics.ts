import type { Registry } from '#service';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { BackOffStore } from './back-off.store.js';

interface Row {
  readonly backend: string;
  readonly project: string;
  readonly state: string;
  readonly count: number;
  readonly oldest_seconds: number;
}

const query = `select attempt.backend, attempt.project, attempt.state, count(*)::int as count,
    extract(epoch from now() - min(accepted_at))::float8 as oldest_seconds
  from attempt join job_group on job_group.id = group_id
  where attempt.state <> 'ended' group by 1, 2, 3`;

/** Words of a batch system in a label: long enough to know what it is. */
const mostWords = 200;

/**
 * How much there is to submit and how long it has waited, asked of the database at each scrape. Every copy of the service
 * tells the same numbers: take the maximum, not the sum.
 */
export function reportQueue(registry: Registry, dataSource: DataSource, backOffs: BackOffStore): void {
  const labelNames = ['backend', 'project', 'state'] as const;
  const oldest = new Gauge({
    name: 'slipway_grid_attempts_oldest_seconds',
    help: 'Age of the oldest group that has attempts in this state.',
    labelNames,
    registers: [registry],
  });
  const attempts: Gauge = new Gauge({
    name: 'slipway_grid_attempts',
    help: 'Attempts by state: queued, submitting, submitted (until their end is heard of).',
    labelNames,
    registers: [registry],
    collect: async () => {
      // Without the database there are no numbers; the other metrics must come all the same.
      const rows = await dataSource.query<Row[]>(query).catch(() => []);
      attempts.reset();
      oldest.reset();
      for (const { backend, project, state, count, oldest_seconds: seconds } of rows) {
        attempts.set({ backend, project, state }, count);
        oldest.set({ backend, project, state }, seconds);
      }
    },
  });
  const backOff: Gauge = new Gauge({
    name: 'slipway_grid_back_off_seconds',
    help: 'For how many seconds a batch system is left alone from now on, and its own words.',
    labelNames: ['backend', 'words'],
    registers: [registry],
    collect: async () => {
      const rows = await backOffs.all().catch(() => []);
      backOff.reset();
      for (const { backend, words, until } of rows) {
        const seconds = Math.max(0, (until.getTime() - Date.now()) / 1_000);
        backOff.set({ backend, words: words.slice(0, mostWords) }, seconds);
      }
    },
  });
}
