import { Gauge } from 'prom-client';
import type { Registry } from '#service';
import type { DataSource } from 'typeorm';

interface Row {
  readonly cvmfs_repository: string;
  readonly state: string;
  readonly count: string;
  readonly oldest_seconds: string;
}

const query = `select cvmfs_repository, state, count(*) as count,
    extract(epoch from now() - min(requested_at)) as oldest_seconds
  from publication group by cvmfs_repository, state`;

/**
 * How much work there is and how long it has waited, asked of the database at each scrape. Every copy of the service
 * tells the same numbers: take the maximum, not the sum.
 */
export function reportBacklog(registry: Registry, dataSource: DataSource): void {
  const report = (name: string, help: string, valueOf: (row: Row) => string | undefined): void => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['cvmfs_repository', 'state'],
      registers: [registry],
      collect: async () => {
        // Without the database there are no numbers; the other metrics must come all the same.
        const rows = await dataSource.query<Row[]>(query).catch(() => []);
        gauge.reset();
        for (const row of rows) {
          const value = valueOf(row);
          if (value !== undefined)
            gauge.set({ cvmfs_repository: row.cvmfs_repository, state: row.state }, Number(value));
        }
      },
    });
  };
  report(
    'slipway_publications_by_state',
    'Publications by state: waiting, publishing, published, failed, unpublished.',
    ({ count }) => count,
  );
  report(
    'slipway_publications_oldest_seconds',
    'Age of the oldest request among the publications that wait or are being published.',
    ({ state, oldest_seconds: seconds }) => (unfinished.has(state) ? seconds : undefined),
  );
}

const unfinished: ReadonlySet<string> = new Set(['waiting', 'publishing']);
