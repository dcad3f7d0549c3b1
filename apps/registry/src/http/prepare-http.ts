import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyServerOptions } from 'fastify';
import { takeForms } from './form-body.js';
import { problemType } from '#api';
import { problemOf, withTrace } from '#service';
import { beginRouteCensus } from './route-census.js';
import { serveConsole } from './console-files.js';

/** For Fastify: a whole settings file has to fit into a body, and nothing that is much larger. */
export const fastifyOptions: FastifyServerOptions = {
  bodyLimit: 4 * 1024 * 1024,
  requestTimeout: 60_000,
  keepAliveTimeout: 75_000,
  routerOptions: { maxParamLength: 1_024 },
  // Addresses that cannot be decoded never reach Nest.
  frameworkErrors: (error, _request, reply) => {
    const status = error.statusCode ?? 400;
    const body = JSON.stringify(problemOf(status, 'request.malformed', 'the address is malformed'));
    reply.hijack().raw.writeHead(status, { 'content-type': problemType }).end(body);
  },
};

/** What Fastify itself has to be told before Nest registers routes. */
export async function prepareHttp(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  beginRouteCensus(server);
  // Text is nothing that any route takes: 415 says so.
  server.removeContentTypeParser('text/plain');
  takeForms(server);
  // After the body was read: its events would lose the trace again.
  server.addHook('preValidation', (request, _reply, done) => {
    const header = request.headers['traceparent'];
    withTrace(typeof header === 'string' ? header : undefined, done);
  });
  await serveConsole(server);
}
