import type { Readable } from 'node:stream';
import { toAppError } from '#errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { throwAway } from './body.js';
import { writeLines } from './worker-lines.js';
import type { WorkerEdge } from './worker-edge.js';

const root = '/worker/v1/attempts/:attemptId';

const calls = [
  ['POST', 'start'],
  ['POST', 'heartbeat'],
  ['PUT', 'log'],
  ['PUT', 'outputs'],
  ['GET', 'inputs'],
  ['POST', 'end'],
] as const;

interface Route {
  Params: { readonly attemptId: string; readonly number?: string };
  Querystring: Readonly<Record<string, unknown>>;
}

/**
 * The calls of the jobs, past Nest: thousands come every second, and their bodies are streams. The answers are lines
 * that a shell reads.
 */
export function addWorkerRoutes(
  server: FastifyInstance,
  edge: Pick<WorkerEdge, 'answer' | 'letGo'>,
  log: { warn(fields: object, text: string): void },
): void {
  server.addHook('preClose', async () => edge.letGo());
  server.register((scope, _options, done) => {
    // Bodies are read by who wants them, after the token was looked at.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, body, ready) => ready(null, body));
    for (const [method, what] of calls) {
      scope.route<Route>({
        method,
        url: what === 'inputs' ? `${root}/${what}/:number` : `${root}/${what}`,
        // Not awaited: Fastify would listen for the end of each answer.
        handler: (request, reply) => void answer(edge, log, what, request, reply),
      });
    }
    done();
  });
}

async function answer(
  edge: Pick<WorkerEdge, 'answer'>,
  log: { warn(fields: object, text: string): void },
  what: string,
  request: FastifyRequest<Route>,
  reply: FastifyReply,
): Promise<void> {
  const { attemptId, number } = request.params;
  const session = request.headers['x-slipway-session'];
  const body = request.raw;
  const isEmpty = !hasBody(request);
  let status: number;
  let text: string | Readable;
  try {
    ({ status, body: text } = await edge.answer({
      attemptId,
      what,
      number,
      query: request.query,
      body,
      authorization: request.headers.authorization,
      session: typeof session === 'string' ? session : undefined,
    }));
  } catch (thrown) {
    const { code, message, temporary, level } = toAppError(thrown);
    if (level !== 'info')
      log.warn({ attempt: attemptId, call: what, code, err: message }, 'a job was not heard');
    // The job comes again, and loses nothing by it.
    [status, text] = [temporary ? 503 : 400, writeLines({ action: 'continue', error: code })];
  }
  if (status >= 400 && !isEmpty) await throwAway(body);
  // What nobody has read keeps the connection from being used again.
  const headers = isEmpty || body.readableEnded ? {} : { connection: 'close' };
  reply
    .code(status)
    .headers({ 'content-type': typeOf(text), 'cache-control': 'no-store', ...headers })
    .send(text);
}

const typeOf = (body: string | Readable): string =>
  typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream';

/** Whether something follows the headers (RFC 9112, 6.3). */
function hasBody({ headers }: FastifyRequest<Route>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
