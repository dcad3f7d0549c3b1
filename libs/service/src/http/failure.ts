import { type AppError, permanent, toAppError } from '#errors';
import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';

/** What a request that failed is answered: RFC 9457, as `Problem` of #api has it. */
export interface Failure {
  readonly problem: ReturnType<typeof problemOf>;
  readonly headers: Readonly<Record<string, string>>;
  /** To be logged. */
  readonly error: AppError;
}

/** What only the service knows of its errors. */
export interface FailureRules {
  /** The HTTP status of an error. What is not the asker's fault is 503 or 500. */
  readonly statusOf: (error: AppError) => number;
  /** The error that something thrown by others means, as the database's; undefined where it is not known. */
  readonly known: (thrown: unknown) => AppError | undefined;
}

const retryAfterSeconds = 5;

/** Whatever was thrown, as whoever asked is told of it: our own faults, and servers' addresses, stay inside. */
export function failureOf(thrown: unknown, { statusOf, known }: FailureRules): Failure {
  if (thrown instanceof HttpException) return ofFramework(thrown);
  const error = known(thrown) ?? toAppError(thrown);
  const status = statusOf(error);
  if (status === 500) return internal(error);
  if (status !== 503) return { problem: problemOf(status, error.code, error.message), headers: {}, error };
  const headers = { 'retry-after': String(error.retryAfterSeconds ?? retryAfterSeconds) };
  return { problem: problemOf(status, error.code, unavailableDetail(error)), headers, error };
}

/** RFC 9457 with the title that the status has. */
export const problemOf = (status: number, code: string, detail: string) => ({
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
