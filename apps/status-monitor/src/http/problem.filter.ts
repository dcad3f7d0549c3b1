import { type Problem, problemType } from '#api';
import { databaseError } from '#database';
import { type AppError, permanent, toAppError } from '#errors';
import { logError, type Logger } from '#service';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { STATUS_CODES } from 'node:http';

const statuses: Readonly<Record<string, number>> = {
  'access.unknown_token': 401,
  'access.forbidden': 403,
  'request.invalid_parameters': 400,
  'request.invalid': 422,
  'job.still_running': 409,
  'grid.unknown_backend': 409,
};

/** Answers requests that failed as RFC 9457 says, and logs what is our own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    // The bus decides on a message's fate by the error itself.
    if (host.getType() !== 'http') throw thrown;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = appErrorOf(thrown);
    const problem = problemOf(error);
    if (problem.status >= 500) logError(this.logger, error, 'a request failed');
    if (reply.raw.headersSent) return void reply.raw.destroy();
    if (problem.status === 503) void reply.header('retry-after', '5');
    void reply.status(problem.status).header('content-type', problemType).send(problem);
  }
}

function appErrorOf(thrown: unknown): AppError {
  if (!(thrown instanceof HttpException)) return databaseError(thrown) ?? toAppError(thrown);
  const code = thrown.getStatus() === 404 ? 'request.not_found' : 'request.refused';
  return permanent(code, thrown.message, { level: 'info', cause: thrown });
}

/** An error as whoever asked is told of it: our own faults, and servers' addresses, stay inside. */
export function problemOf(error: AppError): Problem {
  const status = statusOf(error);
  const detail =
    status === 500
      ? 'Something went wrong on our side; the log says what.'
      : status === 503
        ? 'Something that this needs does not answer for now. Try again soon.'
        : error.message;
  const code = status === 500 ? 'internal.unexpected' : error.code;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code };
}

function statusOf({ code, temporary }: AppError): number {
  if (temporary) return code === 'internal.unexpected' ? 500 : 503;
  if (code.endsWith('.not_found')) return 404;
  return statuses[code] ?? (code === 'request.refused' ? 400 : 500);
}
