import { problemType } from '#api';
import { logError, LOGGER, type Logger, problemOf } from '#service';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FieldsRefused } from '../domain/fields-refused.js';
import { OpenApi } from '../openapi/open-api.js';
import { failureWithFields } from './failure-with-fields.js';

/** Answers every request that failed as RFC 9457 says, and logs what is our own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(OpenApi) private readonly openApi: OpenApi,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    // The bus decides on a message's fate by the error itself.
    if (host.getType() !== 'http') throw thrown;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) {
      logError(this.logger, thrown, 'a request failed after its answer had begun');
      reply.raw.destroy();
      return;
    }
    const allowed = this.openApi.methodsOf(pathOf(request));
    if (isOfAnotherRoute(thrown) && allowed.length > 0 && !allowed.includes(request.method)) {
      const detail = `${request.method} is not a method of this address`;
      const problem = problemOf(405, 'request.wrong_method', detail);
      void this.send(reply.header('allow', allowed.join(', ')), problem);
      return;
    }
    const { problem, headers, error } = failureWithFields(thrown);
    if (problem.status >= 500) logError(this.logger, error, 'a request failed');
    void this.send(reply.headers(headers), problem);
  }

  private send(reply: FastifyReply, problem: ReturnType<typeof problemOf>): FastifyReply {
    return reply.status(problem.status).header('content-type', problemType).send(problem);
  }
}

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? '';

/** Of a fixed address such as `/publications/why`, a route with a parameter hears the methods that it lacks. */
const isOfAnotherRoute = (thrown: unknown): boolean =>
  thrown instanceof HttpException ||
  (thrown instanceof FieldsRefused && thrown.code === 'request.invalid_parameters');
