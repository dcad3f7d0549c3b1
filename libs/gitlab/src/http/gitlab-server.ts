import { Agent, type Dispatcher, request } from 'undici';
import { permanent } from '#errors';
import { connectionError, isCurable, refusalError } from './failure.js';

/** A request to GitLab's API. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below `/api/v4`, or a whole address where GitLab said to go there. */
  readonly path: string | URL;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Dispatcher.DispatchOptions['body'] | AsyncIterable<Uint8Array>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Milliseconds of silence before the answer begins. */
  readonly patienceMs?: number;
  /** Bytes that the answer may have. */
  readonly mostBytes?: number;
  /** No other question goes over its connection: an answer from before the body was read may leave the rest there. */
  readonly isLastOfConnection?: boolean;
}

/** What GitLab answered where that is final: also refusals, which each call tells apart by `status`. */
export interface Answer {
  readonly url: URL;
  readonly status: number;
  /** By name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Undefined where it is none. */
  readonly json: unknown;
  /** What GitLab says for people: the message of its JSON, cut short. */
  readonly words: string;
}

const patienceMs = 60_000;
const silenceMs = 60_000;
const smallAnswer = 1024 * 1024;

/** One GitLab: the connections to it, and its API. Certificates are judged by the authorities that Node knows. */
export class GitLabServer {
  readonly #agent: Agent;
  readonly #root: string;

  /** @param url of GitLab, with its path where it does not live at the root */
  constructor(
    readonly url: string,
    readonly userAgent = 'slipway',
  ) {
    this.#root = `${url.replace(/\/+$/, '')}/api/v4/`;
    this.#agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 30_000, allowH2: false });
  }

  /**
   * The answer to one question, read whole; nothing is tried again here.
   * @throws temporary `gitlab.unreachable`, `gitlab.rate_limited` (429), `gitlab.conflict` (409) or
   *   `gitlab.unavailable` (408, 5xx), with how long GitLab asks to wait
   */
  async ask(question: Question): Promise<Answer> {
    const { answer, url } = await this.open(question);
    const body = await this.#readWhole(answer, url, question.mostBytes ?? smallAnswer);
    const { json, words } = contentOf(body);
    const found: Answer = { url, status: answer.statusCode, header: headerOf(answer), json, words };
    if (isCurable(found.status)) throw refusalError(found);
    return found;
  }

  /** The answer's head, its body still to be read by the caller. */
  async open(question: Question): Promise<{ readonly answer: Dispatcher.ResponseData; readonly url: URL }> {
    const { method, headers, json } = question;
    const url = typeof question.path === 'string' ? new URL(this.#root + question.path) : question.path;
    for (const [name, value] of Object.entries(question.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, value);
    const body = json === undefined ? question.body : JSON.stringify(json);
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
        method,
        headers: {
          'user-agent': this.userAgent,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          accept: 'application/json',
          ...headers,
        },
        headersTimeout: question.patienceMs ?? patienceMs,
        bodyTimeout: silenceMs,
        ...(question.isLastOfConnection === true && { reset: true }),
        ...(body !== undefined && { body: body as Dispatcher.DispatchOptions['body'] }),
      });
      return { answer, url };
    } catch (error) {
      throw connectionError(url, error);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #readWhole(answer: Dispatcher.ResponseData, url: URL, most: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    try {
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > most) throw permanent('gitlab.too_large', `an answer of more than ${most} bytes`);
        pieces.push(piece);
      }
    } catch (error) {
      throw connectionError(url, error);
    }
    return Buffer.concat(pieces);
  }
}

/** Reads an answer's headers by name in lower case; the first one where there are several. */
export function headerOf(answer: Dispatcher.ResponseData): (name: string) => string | undefined {
  return (name) => {
    const value = answer.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}

function contentOf(body: Buffer): { readonly json: unknown; readonly words: string } {
  try {
    const json = JSON.parse(body.toString('utf8')) as unknown;
    return { json, words: wordsOf(json) };
  } catch {
    // A page of HTML helps nobody.
    return { json: undefined, words: '' };
  }
}

function wordsOf(json: unknown): string {
  if (typeof json !== 'object' || json === null) return '';
  const { message, error } = json as { readonly message?: unknown; readonly error?: unknown };
  const said = message ?? error;
  if (said === undefined) return '';
  return (typeof said === 'string' ? said : JSON.stringify(said)).slice(0, 300);
}
