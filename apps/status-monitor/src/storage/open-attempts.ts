import type { AttemptState } from '#contracts';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { BatchEnd, CancelWish } from '../domain/attempt.js';
import type { OpenAttempt } from '../domain/judgement.js';

type Row = readonly [
  string,
  string | null,
  AttemptState,
  number,
  string | null,
  number | null,
  (Omit<CancelWish, 'at'> & { readonly at: string }) | null,
  (Omit<BatchEnd, 'at' | 'heardAt'> & { readonly at: string; readonly heardAt: string }) | null,
];

/**
 * Every attempt that a batch system has, as far as we know. Rows as arrays, times as milliseconds, and past TypeORM: a
 * hundred thousand of them are read with every poll.
 */
export const openAttempts = (dataSource: DataSource, backend: string): Promise<readonly OpenAttempt[]> =>
  select(dataSource, 'open-attempts', openOnes, [backend]);

/** Those of them that have these ids in the batch system. */
export const openAttemptsOf = (
  dataSource: DataSource,
  backend: string,
  batchIds: readonly string[],
): Promise<readonly OpenAttempt[]> =>
  select(dataSource, 'open-attempts-of', `${openOnes} and a.batch_id = any($2::text[])`, [backend, batchIds]);

const openOnes = `select a.id, a.batch_id, a.state, extract(epoch from a.state_at)::float8 * 1000, a.node,
    extract(epoch from l.alive_at)::float8 * 1000, a.cancel, a.batch_end
  from attempt a left join attempt_life l on l.attempt_id = a.id and l.made_at = a.made_at
  where a.backend = $1 and a.state in ('submitted', 'waiting', 'running')`;

async function select(
  dataSource: DataSource,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<readonly OpenAttempt[]> {
  const { master } = dataSource.driver as typeof dataSource.driver & { readonly master: Pool };
  const { rows } = await master.query<Row>({ name, text, values, rowMode: 'array' } as never);
  return rows.map(openOf);
}

const openOf = ([id, batchId, state, stateAt, node, aliveAt, cancel, batchEnd]: Row): OpenAttempt => ({
  id,
  batchId: batchId ?? undefined,
  state,
  stateAt: new Date(stateAt),
  node: node ?? undefined,
  aliveAt: aliveAt === null ? undefined : new Date(aliveAt),
  cancel: cancel ? { ...cancel, at: new Date(cancel.at) } : undefined,
  batchEnd: batchEnd
    ? { ...batchEnd, at: new Date(batchEnd.at), heardAt: new Date(batchEnd.heardAt) }
    : undefined,
});

/** Which of these batch jobs belong to attempts that are over: the batch system need not keep them. */
export async function harvested(
  dataSource: DataSource,
  backend: string,
  batchIds: readonly string[],
): Promise<readonly string[]> {
  if (batchIds.length === 0) return [];
  const rows = await dataSource.query<{ batch_id: string }[]>(
    `select batch_id from attempt where batch_id = any($2::text[]) and backend = $1
       and state in ('succeeded', 'failed', 'cancelled', 'lost')`,
    [backend, batchIds],
  );
  return rows.map(({ batch_id }) => batch_id);
}
