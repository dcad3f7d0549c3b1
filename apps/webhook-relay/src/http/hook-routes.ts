import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BUS } from '#bus';
import { childTrace, formatTraceparent, LOGGER, type Logger, parseTraceparent } from '#service';
import { ByteBudget } from '../domain/byte-budget.js';
import { type EventPublisher, takeIn } from '../domain/intake.js';
import type { Source } from '../domain/source.js';
import { BODY_BUDGET, SOURCES, type SourceBook } from '../source-book.js';
import {
  type Answer,
  answerTo,
  failed,
  noRoom,
  notFound,
  notUsable,
  tooLarge,
  wrongMethod,
} from './answers.js';
import { DeliveryLog } from './delivery-log.js';
import { readBody } from './read-body.js';
import { RelayMetrics } from './relay-metrics.js';

interface HookParameters {
  readonly source: string;
  readonly token?: string;
}

type HookRequest = FastifyRequest<{ Params: HookParameters; Querystring: { readonly token?: unknown } }>;

/**
 * `POST /hooks/:source`, with `/:token` or `?token=` for senders that have nothing else to prove themselves with. Routes
 * of Fastify’s own rather than a controller: the body must stay the bytes that were signed, and each source has a limit
 * of its own while it is read.
 */
@Injectable()
export class HookRoutes implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SOURCES) private readonly sources: SourceBook,
    @Inject(BUS) private readonly publisher: EventPublisher,
    @Inject(BODY_BUDGET) private readonly budget: ByteBudget,
    @Inject(RelayMetrics) private readonly metrics: RelayMetrics,
    @Inject(DeliveryLog) private readonly log: DeliveryLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    await server.register(async (scope) => {
      // No parser: the handler reads the body itself, once it knows whose it is.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.setErrorHandler((_error, _request, reply) => send(reply, failed));
      scope.post('/hooks/:source', (request: HookRequest, reply) => this.receive(request, reply));
      scope.post('/hooks/:source/:token', (request: HookRequest, reply) => this.receive(request, reply));
      scope.post('/hooks/*', (_request, reply) => this.unknown(reply));
      scope.route({
        method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
        url: '/hooks/*',
        handler: (_request, reply) => send(reply, wrongMethod),
      });
    });
  }

  private async receive(request: HookRequest, reply: FastifyReply): Promise<FastifyReply> {
    const source = this.sources.find(request.params.source);
    if (source === 'unavailable') return send(reply, notUsable);
    const urlToken = tokenOf(request);
    if (source === undefined || (request.params.token !== undefined && !source.kind.tokenInUrl))
      return this.unknown(reply);
    const began = performance.now();
    const body = await readBody(request.raw, source.bodyLimit, this.budget);
    if ('failed' in body) {
      this.metrics.ended(source.name, body.failed, performance.now() - began);
      return send(reply, body.failed === 'no_room' ? noRoom : tooLarge);
    }
    try {
      return send(reply, await this.answer(source, request, body.bytes, urlToken, began));
    } finally {
      body.release();
    }
  }

  private async answer(
    source: Source,
    request: HookRequest,
    body: Buffer,
    urlToken: string | undefined,
    began: number,
  ): Promise<Answer> {
    const now = Date.now();
    const { headers } = request.raw;
    try {
      const trace = childTrace(parseTraceparent(String(headers['traceparent'] ?? '')));
      const delivery = { body, headers, urlToken };
      const outcome = await takeIn(source, delivery, this.publisher, now, formatTraceparent(trace));
      this.metrics.ended(source.name, outcome.kind, performance.now() - began);
      this.metrics.told(source.name, outcome);
      this.log.note(source, outcome, now);
      return answerTo(outcome);
    } catch (error) {
      this.metrics.ended(source.name, 'failed', performance.now() - began);
      this.logger.error({ err: error, source: source.name }, 'a delivery failed by a defect of ours');
      return failed;
    }
  }

  private unknown(reply: FastifyReply): FastifyReply {
    this.metrics.unknownSource();
    return send(reply, notFound);
  }
}

function tokenOf(request: HookRequest): string | undefined {
  const { token } = request.query;
  return request.params.token ?? (typeof token === 'string' ? token : undefined);
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}
