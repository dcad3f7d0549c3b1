import { Client } from 'pg';
import { unavailable } from './unavailable.js';

/** A lock that lives as long as its connection: a process that dies lets go of it. */
export interface AdvisoryLock {
  /** Aborted when the connection, and with it the lock, is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Of a machine that dies without a word PostgreSQL hears nothing: with what Linux comes with, it would keep the lock for
 * the dead for two hours. In seconds; without effect on a local socket.
 */
const noticeDeath =
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

/**
 * Tries to take a session-level advisory lock (PostgreSQL, `pg_try_advisory_lock`) on a connection of its own.
 *
 * @returns undefined when another session holds it
 * @throws temporary `database.unavailable`
 */
export async function holdAdvisoryLock(url: string, name: string): Promise<AdvisoryLock | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
  const lost = new AbortController();
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort());
  try {
    await client.connect();
    await client.query(noticeDeath);
    const { rows } = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [name],
    );
    if (rows[0]?.held) return { lost: lost.signal, release: () => client.end() };
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw unavailable(url, cause);
  }
  await client.end();
  return undefined;
}
