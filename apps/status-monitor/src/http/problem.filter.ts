import { problemType } from '#api';
import { databaseError } from '#database';
import type { AppError } from '#errors';
import { failureOf, logError, type Logger } from '#service';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

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
    const { problem, headers, error } = failureOf(thrown, { statusOf, known: databaseError });
    if (problem.status >= 500) logError(this.logger, error, 'a request failed');
    if (reply.raw.headersSent) return void reply.raw.destroy();
    void reply.status(problem.status).headers(headers).header('content-type', problemType).send(problem);
  }
}

function statusOf({ code, temporary }: AppError): number {
  if (temporary) return code === 'internal.unexpected' ? 500 : 503;
  if (code.endsWith('.not_found')) return 404;
  return statuses[code] ?? 500;
}
