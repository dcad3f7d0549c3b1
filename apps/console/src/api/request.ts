import { problemOf, ProblemError } from './problem.js';

/** What is sent to the API besides the session's cookie. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** The version that the caller has seen, as its ETag. */
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** A success of the API; `etag` is what a change of the same thing names in `ifMatch`. */
export interface Answer<T> {
  readonly value: T;
  readonly etag: string | undefined;
}

/** Address below the server's root, with its query. */
export function addressOf(path: string, query: RequestOptions['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Asks the API. Rejects with {@link ProblemError} for everything but a success. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const { method = 'GET', body, query, ifMatch, idempotencyKey, signal } = options;
  // That it is this page that asks: a foreign one cannot set a header, so it cannot change anything with our cookie.
  const headers: Record<string, string> = { 'x-slipway-request': '1', accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifMatch !== undefined) headers['if-match'] = ifMatch;
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  const response = await answered(addressOf(path, query), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  const text = await response.text();
  const value = (text === '' ? undefined : JSON.parse(text)) as T;
  return { value, etag: response.headers.get('etag') ?? undefined };
}

async function answered(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    const detail = 'The server did not answer. It may be starting, or the network is away.';
    throw new ProblemError({ title: 'No answer', status: 0, detail });
  }
}
