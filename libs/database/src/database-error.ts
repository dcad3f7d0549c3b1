import { permanent, temporary, type AppError } from '#errors';
import { QueryFailedError } from 'typeorm';

/** SQLSTATE classes of what passes: connections, resources, an operator's action, transactions that collided. */
const passing = /^(?:08|53|57|40|55P03)/;
/** Errors of the socket, which have no SQLSTATE. */
const broken =
  /^(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/;
/** TypeORM lets go of a connection that broke, and says this of whatever was still to be done on it. */
const released = /^(?:QueryRunner(?:Provider)?AlreadyReleasedError|TransactionNotStartedError)$/;
/** What node-postgres says without a code. */
const said =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/;

/**
 * An error of the database as an AppError: temporary `database.unavailable` where trying again may help, permanent
 * `database.refused` where the database refused a statement; undefined where it is no error of the database. The
 * message never repeats what was in a statement.
 */
export function databaseError(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const inner: Error & { readonly code?: unknown } =
    thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  const code = typeof inner.code === 'string' ? inner.code : '';
  const isDatabases = thrown instanceof QueryFailedError || said.test(thrown.message) || 'severity' in thrown;
  if (passing.test(code) || broken.test(code) || said.test(thrown.message) || released.test(thrown.name)) {
    return temporary('database.unavailable', 'PostgreSQL does not answer', { cause: thrown });
  }
  return isDatabases
    ? permanent('database.refused', 'PostgreSQL refused a statement', { cause: thrown })
    : undefined;
}
