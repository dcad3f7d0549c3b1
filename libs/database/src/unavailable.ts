import { type AppError, connectionWords, temporary } from '#errors';
import { DatabaseError } from 'pg';

/** Temporary `database.unavailable`, with the address, without user and password, and the reason in words. */
export const unavailable = (url: string, cause: unknown): AppError =>
  temporary('database.unavailable', `PostgreSQL at ${addressOf(url)} cannot be used: ${wordsOf(cause)}`, {
    cause,
  });

/** `db.example.org:5432/slipway`. */
function addressOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = hostname || (searchParams.get('host') ?? 'localhost');
  return `${host}:${port || '5432'}${pathname}`;
}

/** PostgreSQL tells in words what it refuses, as node-postgres does but for these two. */
function wordsOf(cause: unknown): string {
  if (cause instanceof DatabaseError) return cause.message;
  const words = connectionWords(cause);
  if (words === 'Connection terminated unexpectedly') return 'what answers there hung up: is it PostgreSQL?';
  return words === 'timeout expired' ? 'it does not answer' : words;
}
