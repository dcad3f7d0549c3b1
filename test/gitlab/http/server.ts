import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { listenOnFreePort } from '#embedded';
import { type Answer, type Call, Refusal } from './answer.js';
import { type Fault, Faults } from './faults.js';
import { type RecordedRequest } from './record.js';

/** One call of the API. `handle` may answer by itself, as git does: then it gives nothing back. */
export interface Route {
  /** By this name faults and records know it. */
  readonly name: string;
  readonly method: string;
  /** Literal parts and `:names`; `*name` at the end takes all that is left. */
  readonly pattern: string;
  readonly handle: (call: Call) => Answer | undefined | Promise<Answer | undefined>;
}

/** An HTTP server that keeps what came, and does wrong where it is told. */
export class ApiServer {
  readonly requests: RecordedRequest[] = [];
  readonly faults = new Faults();
  private readonly server: Server;
  private readonly routes: readonly (readonly [RegExp, Route])[];
  private port = 0;

  constructor(routes: readonly Route[]) {
    this.routes = routes.map((route) => [patternOf(route.pattern), route]);
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        process.stderr.write(`test GitLab: ${error instanceof Error ? error.stack : String(error)}\n`);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end('{"message":"500 Internal Server Error"}');
      });
    });
    this.server.keepAliveTimeout = 60_000;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens, after an outage on the same port as before. */
  async open(port = this.port): Promise<void> {
    if (port === 0) {
      this.port = await listenOnFreePort(this.server);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    this.port = port;
  }

  /** Stops listening and cuts all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const [route, params] = this.find(request.method ?? 'GET', url.pathname);
    const record: RecordedRequest = {
      call: route?.name ?? 'unknown',
      method: request.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: request.headers,
      bytes: 0,
      startedAt: Date.now(),
      endedAt: undefined,
      status: undefined,
    };
    this.requests.push(record);
    request.on('data', (chunk: Buffer) => {
      record.bytes += chunk.length;
    });
    request.pause();
    response.on('close', () => {
      record.endedAt = Date.now();
      record.status = response.headersSent ? response.statusCode : 0;
    });
    const call = callOf(request, response, url, params);
    const fault = await this.faults.take(record.call, record.path, () => call.body());
    if (fault?.delayMs !== undefined) await delay(fault.delayMs);
    const spoils = fault?.status !== undefined || fault?.cut === true;
    if (fault && spoils && fault.afterwards !== true) {
      await drain(request);
      spoil(fault, response);
      return;
    }
    const answer = route ? await answerOf(route, call) : notFound;
    if (fault && spoils) spoil(fault, response);
    else if (answer) send(response, answer);
  }

  private find(method: string, path: string): readonly [Route | undefined, Readonly<Record<string, string>>] {
    for (const [pattern, route] of this.routes) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match) {
        const groups = Object.entries(match.groups ?? {});
        return [route, Object.fromEntries(groups.map(([key, value]) => [key, decodeURIComponent(value)]))];
      }
    }
    return [undefined, {}];
  }
}

const notFound: Answer = { status: 404, body: { error: '404 Not Found' } };

async function answerOf(route: Route, call: Call): Promise<Answer | undefined> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function callOf(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  params: Readonly<Record<string, string>>,
): Call {
  const gone = new AbortController();
  response.on('close', () => {
    gone.abort();
  });
  let body: Promise<Buffer> | undefined;
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    params,
    query: url.searchParams,
    headers: request.headers,
    gone: gone.signal,
    request,
    response,
    body: async () => (body ??= buffer(request)),
  };
}

/** A body that nobody read would keep the connection from its next request. */
async function drain(request: IncomingMessage): Promise<void> {
  if (!request.readableEnded) await buffer(request).catch(() => undefined);
}

function spoil(fault: Fault, response: ServerResponse): void {
  if (fault.cut) response.destroy();
  else {
    const { status = 500, headers = {} } = fault;
    send(response, { status, headers, body: fault.body ?? { message: `${status} by the test` } });
  }
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  if (response.destroyed) return;
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(status === 204 ? undefined : isText ? body : JSON.stringify(body));
}

function patternOf(pattern: string): RegExp {
  const escaped = pattern
    .replaceAll(/[.+]/g, String.raw`\$&`)
    .replaceAll(/:([a-z_]+)/gi, '(?<$1>[^/]+)')
    .replaceAll(/\*([a-z_]+)/gi, '(?<$1>.+)');
  return new RegExp(`^${escaped}/?$`);
}
