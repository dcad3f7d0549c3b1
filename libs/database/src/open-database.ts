import 'reflect-metadata';
import { permanent } from '#errors';
import { unavailable } from './unavailable.js';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** Which schema of which server, and what has to be in it. The URL holds a password: it is never logged. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** The service's own schema; made when absent. Lower-case letters, digits and underscores. */
  readonly schema: string;
  readonly entities: NonNullable<DataSourceOptions['entities']>;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
  /** Connections at most; 10 unless told. */
  readonly poolSize?: number;
}

// Any constant will do: it only has to be the same in every copy of every service.
const migrationLock = 0x511b_0a1;

/**
 * A service's own schema, migrated to what its code expects. Copies that start together wait for one another.
 *
 * @throws temporary `database.unavailable` when the server does not answer
 * @throws permanent `database.migration_failed` when a migration is refused
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  if (!/^[a-z_][a-z0-9_]*$/.test(options.schema)) {
    throw permanent('database.bad_schema', `“${options.schema}” cannot name a schema`);
  }
  await prepareSchema(options);
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    entities: options.entities,
    migrations: options.migrations,
    migrationsTransactionMode: 'each',
    extra: {
      max: options.poolSize ?? 10,
      options: `-c search_path=${options.schema}`,
      application_name: `slipway ${options.schema}`,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    },
  });
  await dataSource.initialize().catch((cause: unknown) => {
    throw unavailable(options.url, cause);
  });
  await migrate(dataSource);
  return dataSource;
}

async function prepareSchema({ url, schema }: DatabaseOptions): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const { rowCount } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
    if (rowCount === 0) await client.query(`create schema ${schema}`);
  } catch (cause) {
    throw unavailable(url, cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('select pg_advisory_lock($1)', [migrationLock]);
    await dataSource.runMigrations();
  } catch (cause) {
    throw permanent(
      'database.migration_failed',
      `the database schema could not be migrated: ${reason(cause)}`,
      { cause },
    );
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await runner.release();
  }
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
