import type { EntityManager, QueryRunner } from 'typeorm';

/** The tables whose rows belong to a group, and go with the month in which the ledger first heard of it. */
export const partitioned = [
  'job',
  'attempt',
  'attempt_event',
  'attempt_life',
  'attempt_log',
  'log_chunk',
  'attempt_outputs',
] as const;

const monthsAhead = 2;

/** Makes the partitions of this month and the next ones, where they are absent. The months are those of UTC. */
export async function makePartitions(runner: Pick<QueryRunner | EntityManager, 'query'>): Promise<void> {
  const [clock] = (await runner.query('select now() as now')) as { now: Date }[];
  const now = clock?.now ?? new Date();
  // The first migration makes those of the tables that there are by then.
  const present = (await runner.query(
    'select relname from pg_class where relnamespace = current_schema()::regnamespace and relname = any($1)',
    [partitioned],
  )) as { relname: string }[];
  const tables = partitioned.filter((table) => present.some(({ relname }) => relname === table));
  for (let ahead = 0; ahead <= monthsAhead; ahead++) {
    const [from, until] = [monthAfter(now, ahead), monthAfter(now, ahead + 1)];
    for (const table of tables) {
      await runner.query(
        `create table if not exists ${table}_${suffixOf(from)} partition of ${table}
         for values from ('${from.toISOString()}') to ('${until.toISOString()}') ${storageOf(table)}`,
      );
    }
  }
}

/** `y2026m11`. */
export const suffixOf = (month: Date): string =>
  `y${month.getUTCFullYear()}m${String(month.getUTCMonth() + 1).padStart(2, '0')}`;

/** The first moment, in UTC, of the month so many after the date's. */
export const monthAfter = (date: Date, months: number): Date =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));

/** Rows that are written often: room in the page for their next version, and old ones cleared away early. */
function storageOf(table: (typeof partitioned)[number]): string {
  if (table === 'attempt_life')
    return 'with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000)';
  return table === 'attempt' ? 'with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)' : '';
}
