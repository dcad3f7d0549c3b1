import { NestFactory } from '@nestjs/core';
import type { NestApplicationOptions } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyServerOptions } from 'fastify';
import { nestLogger } from '../logging/nest-logger.js';
import { rootModule, type ServiceModule } from './root-module.js';
import type { Runtime } from './runtime.js';

/** What of Nest a service may switch: one that reads bodies as they came has no body parser of Nest's. */
export type NestOptions = Pick<NestApplicationOptions, 'bodyParser' | 'rawBody'>;

/** Nest on Fastify as every service has it. */
export function createApplication(
  module: ServiceModule,
  config: unknown,
  runtime: Runtime,
  options: { readonly fastify?: FastifyServerOptions | undefined; readonly nest?: NestOptions | undefined },
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    logger: false,
    // Express-style middleware costs on every request, and nobody here uses it.
    skipMiddie: true,
    // A request that slips in while the server closes is still served: some senders never send again.
    return503OnClosing: false,
    ...options.fastify,
  });
  return NestFactory.create<NestFastifyApplication>(rootModule(module, config, runtime), adapter, {
    logger: nestLogger(runtime.logger),
    abortOnError: false,
    ...options.nest,
  });
}

/** Longer than any request of ours should take, shorter than what a stop may. */
const patienceMs = 15_000;

/**
 * A kept-alive connection whose request was in progress would hold the server open for its idle time-out. One that was
 * opened and never used, as browsers do, is not idle in Node's eyes, and would hold it open for the time that headers may
 * take.
 */
export async function closeApplication(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const timer = setInterval(() => server.closeIdleConnections(), 50);
  const enough = setTimeout(() => server.closeAllConnections(), patienceMs);
  await app.close().finally(() => {
    clearInterval(timer);
    clearTimeout(enough);
  });
}
