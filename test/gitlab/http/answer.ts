import { type IncomingMessage, type ServerResponse } from 'node:http';

/** One request, as the handlers see it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** What stood at the `:names` of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Ends when the client goes away. */
  readonly gone: AbortSignal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  body(): Promise<Buffer>;
}

/** What is answered; an object goes as JSON. `undefined` instead: the handler wrote the response itself. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | object;
}

/** Ends a call with this answer. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`answered ${answer.status}`);
  }
}

/** An error in the words and the shape of GitLab's API. */
export function refuse(
  status: number,
  message?: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  const words: Readonly<Record<number, string>> = {
    400: '400 Bad request',
    401: '401 Unauthorized',
    403: '403 Forbidden',
    404: '404 Not Found',
    405: '405 Method Not Allowed',
    409: '409 Conflict',
    413: '413 Request Entity Too Large',
    416: '416 Range Not Satisfiable',
  };
  const start = words[status] ?? String(status);
  const text =
    message === undefined || message.startsWith(String(status))
      ? (message ?? start)
      : `${start} - ${message}`;
  return new Refusal({ status, headers, body: { message: text } });
}

/** A parameter that is missing or wrong: Grape says so under `error`. */
export function invalid(message: string): Refusal {
  return new Refusal({ status: 400, body: { error: message } });
}

/** The JSON object in the body. Throws Refusals: 400 when it is none, 415 for another type. */
export async function jsonBody(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const type = call.headers['content-type'] ?? '';
  const text = (await call.body()).toString('utf8');
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  if (text === '') return {};
  if (!type.startsWith('application/json')) {
    throw new Refusal({ status: 415, body: { error: 'The provided content-type is not supported.' } });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw new Refusal({ status: 400, body: { error: 'There was a problem in the JSON you submitted' } });
}

/** A text or a number, as a text; undefined when it is not there. Throws the Refusal 400 for anything else. */
export function optionalText(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw invalid(`${key} is invalid`);
  return String(value);
}

/** A text that has to be there. */
export function required(body: Readonly<Record<string, unknown>>, key: string): string {
  const value = optionalText(body, key);
  if (value === undefined) throw invalid(`${key} is missing`);
  return value;
}
