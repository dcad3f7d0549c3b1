import type { Problem } from '#api';
import { databaseError } from '#database';
import { permanent, toAppError, type AppError } from '#errors';
import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { FieldsRefused } from '../domain/fields-refused.js';
import { statusOf } from './status-of.js';

/** What a request that failed is answered. */
export interface Failure {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** To be logged. */
  readonly error: AppError;
}

const retryAfterSeconds = 5;

/** Whatever was thrown, as RFC 9457 tells it. What is our own fault is told without its inner reasons. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof HttpException) return ofFramework(thrown);
  const error = databaseError(thrown) ?? toAppError(thrown);
  const status = statusOf(error);
  if (status === 500) return internal(error);
  const headers: Record<string, string> =
    status === 503 ? { 'retry-after': String(error.retryAfterSeconds ?? retryAfterSeconds) } : {};
  const detail = status === 503 ? unavailableDetail(error) : error.message;
  const problem = problemOf(status, error.code, detail);
  if (!(error instanceof FieldsRefused)) return { problem, headers, error };
  const errors = error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    message,
  }));
  return { problem: { ...problem, errors }, headers, error };
}

/** RFC 9457 with the title that the status has. */
export const problemOf = (status: number, code: string, detail: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
  code,
});

const internal = (error: AppError): Failure => ({
  problem: problemOf(500, 'internal.unexpected', 'Something went wrong on our side; the log says what.'),
  headers: {},
  error,
});

/** The reason may hold a server's address. */
const unavailableDetail = ({ code }: AppError): string =>
  code.startsWith('database.')
    ? 'The database does not answer for now; nothing was changed unless you are told so. Try again soon.'
    : 'Something that this needs does not answer for now. Try again soon.';

/** Errors of Fastify and Nest before a handler runs: their texts are for whoever asks. */
function ofFramework(thrown: HttpException): Failure {
  const status = thrown.getStatus();
  if (status >= 500) return internal(toAppError(thrown));
  const code = frameworkCodes[status] ?? 'request.refused';
  const error = permanent(code, thrown.message, { level: 'info', cause: thrown });
  return { problem: problemOf(status, code, thrown.message), headers: {}, error };
}

const frameworkCodes: Readonly<Record<number, string>> = {
  400: 'request.malformed',
  404: 'request.no_such_route',
  405: 'request.wrong_method',
  413: 'request.too_large',
  415: 'request.wrong_media_type',
  429: 'request.too_many',
};
