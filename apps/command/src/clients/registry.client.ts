import type { Page, Problem } from '#api';
import { connectionWords, permanent, temporary } from '#errors';
import type { Context } from '../context.js';
import { type ServerAddress, serverAddress } from '../settings/server-address.js';
import { ProblemError } from './problem-error.js';

/** What goes behind the `?` of an address; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What is sent besides method and path. The body goes as JSON; the headers replace the usual ones. */
export interface Request {
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Give up after so long; a minute unless told. */
  readonly timeoutMs?: number;
}

/** A success of the registry; `etag` is what a change of the resource names in `If-Match`. */
export interface Answer<T> {
  readonly body: T;
  readonly status: number;
  readonly etag: string | undefined;
}

/** The registry's API, as whoever is signed in. */
export interface RegistryClient {
  readonly address: ServerAddress;
  get<T>(path: string, query?: Query): Promise<T>;
  request<T>(method: string, path: string, request?: Request): Promise<Answer<T>>;
  /** All pages of a list, or the first `limit` entries. */
  all<T>(path: string, query?: Query, limit?: number): Promise<readonly T[]>;
  /** An answer that is read as it comes. */
  stream(path: string, query: Query, headers: Readonly<Record<string, string>>): Promise<Response>;
}

const usualTimeoutMs = 60_000;
const pageSize = 200;

/** The client for the registry that the context names. */
export const registryOf = (context: Context): RegistryClient =>
  registryClient(serverAddress(context), context.signal);

/** A client of the registry's API at this address, with its key. `signal` ends every request. */
export function registryClient(address: ServerAddress, signal: AbortSignal): RegistryClient {
  const ask = async (method: string, path: string, request: Request, timeoutMs: number | undefined) => {
    const url = new URL(`${address.url}/api/v1${path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const deadline = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
    try {
      return await fetch(url, {
        method,
        redirect: 'error',
        signal: AbortSignal.any([signal, ...deadline]),
        headers: {
          accept: 'application/json, application/problem+json',
          'user-agent': 'slipway-command',
          ...(address.token === undefined ? {} : { authorization: `Bearer ${address.token}` }),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
    } catch (error) {
      throw unreachable(address.url, error, signal);
    }
  };
  const request = async <T>(method: string, path: string, asked: Request = {}): Promise<Answer<T>> => {
    const response = await ask(method, path, asked, asked.timeoutMs ?? usualTimeoutMs);
    const text = await response.text();
    if (!response.ok) throw problemOf(response, text, address);
    const body = text === '' ? undefined : parse(text, address.url);
    return { body: body as T, status: response.status, etag: response.headers.get('etag') ?? undefined };
  };
  return {
    address,
    request,
    get: async <T>(path: string, query: Query = {}) => (await request<T>('GET', path, { query })).body,
    all: async <T>(path: string, query: Query = {}, limit = Infinity) => {
      const items: T[] = [];
      let cursor: string | undefined;
      do {
        const asked = { ...query, limit: Math.min(pageSize, limit - items.length), cursor };
        const { body } = await request<Page<T>>('GET', path, { query: asked });
        items.push(...body.items);
        cursor = body.next;
      } while (cursor !== undefined && items.length < limit);
      return items.slice(0, limit);
    },
    stream: async (path, query, headers) => {
      const response = await ask('GET', path, { query, headers }, undefined);
      if (!response.ok) throw problemOf(response, await response.text(), address);
      return response;
    },
  };
}

function unreachable(url: string, error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return permanent('command.interrupted', 'interrupted');
  const text = `the registry at ${url} cannot be reached: ${connectionWords(error)}`;
  return temporary('command.unreachable', text, { cause: error });
}

function problemOf(response: Response, text: string, { url, token, tokenFrom }: ServerAddress): Error {
  const problem = parseProblem(text, response);
  if (response.status === 401) {
    const detail =
      token === undefined
        ? `you are not signed in to ${url}: run "slipway login ${url}", or set SLIPWAY_TOKEN`
        : `${url} does not accept the key from ${tokenFrom}: ${problem.detail}`;
    return new ProblemError({ ...problem, detail });
  }
  return new ProblemError(problem);
}

function parseProblem(text: string, { status, headers }: Response): Problem {
  if (headers.get('content-type')?.includes('json') === true) {
    const value = JSON.parse(text) as Partial<Problem>;
    const detail = value.detail ?? value.title;
    if (detail !== undefined)
      return { type: 'about:blank', title: detail, status, code: `http.${status}`, ...value, detail };
  }
  const detail = `the answer was ${status}, and not from a Slipway registry: is the URL right?`;
  return { type: 'about:blank', title: 'no problem document', status, code: `http.${status}`, detail };
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw permanent('command.failed', `what answers at ${url} is no Slipway registry: its answer is no JSON`);
  }
}
