import { Agent, request, type Dispatcher } from 'undici';
import { permanent, temporary } from '#errors';
import { connectionError, redactedUrl, statusError } from './registry-error.js';
import { throwIfAborted } from './retry.js';

/** How long a registry may keep silent, and what Slipway calls itself there. */
export interface TransportOptions {
  /** Time to connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Time to the answer's headers, and the longest silence inside its body, in milliseconds. */
  readonly stallTimeoutMs: number;
  readonly userAgent: string;
}

/** 10 s for a connection, 30 s of silence: enough for a registry that fetches from storage of its own. */
export const defaultTransport: TransportOptions = {
  connectTimeoutMs: 10_000,
  stallTimeoutMs: 30_000,
  userAgent: 'slipway',
};

/** Head and body as undici gives them; the body must be read or discarded, or its connection is lost. */
export type Answer = Dispatcher.ResponseData;

/** An answer and who gave it: after a redirect that is not the one who was asked. */
export interface Reply {
  readonly answer: Answer;
  readonly from: URL;
}

/** One question; the signal ends it, and the reading of its body. */
export interface Get {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the URL's own origin only, never to where it redirects. */
  readonly authorization?: string;
  readonly signal?: AbortSignal | undefined;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const maxRedirects = 5;

/** HTTP GET with time-outs and careful redirects; one connection pool. */
export class Transport {
  private readonly agent: Agent;

  constructor(private readonly options: TransportOptions = defaultTransport) {
    this.agent = new Agent({
      connect: { timeout: options.connectTimeoutMs },
      headersTimeout: options.stallTimeoutMs,
      bodyTimeout: options.stallTimeoutMs,
    });
  }

  /** The longest silence, in milliseconds, before a body counts as stalled. */
  get stallTimeoutMs(): number {
    return this.options.stallTimeoutMs;
  }

  /**
   * The answer, redirects followed: credentials stay with the origin they are for, and nothing that began over https
   * goes on over http. A broken connection is `registry.unreachable`, silence `registry.stalled`, both temporary.
   */
  async get({ url, headers, authorization, signal }: Get): Promise<Reply> {
    let at = url;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const isOwn = authorization !== undefined && at.origin === url.origin;
      const answer = await this.once(at, isOwn ? { ...headers, authorization } : headers, signal);
      if (!redirects.has(answer.statusCode)) return { answer, from: at };
      await discard(answer);
      at = nextStop(at, answer.headers.location);
    }
    throw temporary('registry.unavailable', `${redactedUrl(url)} redirects more than ${maxRedirects} times`);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async once(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    throwIfAborted(signal);
    try {
      return await request(url, {
        dispatcher: this.agent,
        headers: { 'user-agent': this.options.userAgent, 'accept-encoding': 'identity', ...headers },
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      throwIfAborted(signal);
      throw connectionError(url, error);
    }
  }
}

function nextStop(from: URL, location: unknown): URL {
  const where = redactedUrl(from);
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) {
    throw temporary('registry.unavailable', `${where} redirects to nowhere`);
  }
  const to = new URL(location, from);
  const downgraded = from.protocol === 'https:' && to.protocol !== 'https:';
  if (downgraded || !/^https?:$/.test(to.protocol)) {
    throw permanent('registry.insecure_redirect', `${where} redirects to ${to.protocol}//${to.host}`);
  }
  to.username = '';
  to.password = '';
  return to;
}

/** A body of at most so many bytes. Longer is `registry.too_large`, permanent. */
export async function readBody(answer: Answer, url: URL, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      size += (chunk as Buffer).length;
      if (size > limit) {
        throw permanent('registry.too_large', `${redactedUrl(url)} is larger than ${limit} bytes`);
      }
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw connectionError(url, error);
  }
  return Buffer.concat(chunks);
}

/** The answer as the error that it stands for; reads the start of its body for the reasons. */
export async function failureOf(answer: Answer, url: URL) {
  const body = await readBody(answer, url, 64 * 1024).catch(() => Buffer.alloc(0));
  const { statusCode: status, headers } = answer;
  return statusError({ url, status, retryAfter: headers['retry-after'], body: body.toString('utf8') });
}

/** Lets go of an answer that nobody reads, so that its connection can be used again. */
export async function discard(answer: Answer): Promise<void> {
  await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}
