import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/** A statement that each connection prepares once. */
export interface PreparedQuery {
  /** Unique in the service. */
  readonly name: string;
  readonly text: string;
}

/**
 * Runs a statement that is on the path of every request, outside of any transaction, on TypeORM's own pool but past its
 * query runner, which costs more than such a statement itself. Throws what node-postgres throws: see `databaseError`.
 */
export async function preparedQuery<Row extends object>(
  dataSource: DataSource,
  query: PreparedQuery,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const { master } = dataSource.driver as typeof dataSource.driver & { readonly master: Pool };
  const { rows } = await master.query<Row>({ ...query, values: [...values] });
  return rows;
}
