import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { AppError, connectionWords } from '#errors';
import type { ReceiverAnswer } from '../domain/delivery-fate.js';
import type { Address, AddressGuard } from './address-guard.js';

/** What one attempt gave. */
export interface SentAnswer extends ReceiverAnswer {
  /** The beginning of the answer's text. */
  readonly said: string | undefined;
  readonly milliseconds: number;
}

/** Bytes of an answer that are looked at; the rest is not read. */
const saidBytes = 1_024;

/** Posts a body to a receiver, once: no redirects, nothing looked up twice, nothing kept open. */
export class WebhookSender {
  constructor(
    private readonly guard: AddressGuard,
    private readonly timeoutMs: number,
  ) {}

  /** Never rejects: that there is no answer is an answer too. */
  async send(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<SentAnswer> {
    const began = performance.now();
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const addresses = await untilAborted(this.guard.addressesOf(url.hostname), signal);
      const answer = await post(url, addresses, { headers, body, signal });
      return { ...answer, reason: undefined, milliseconds: performance.now() - began };
    } catch (thrown) {
      const reason = signal.aborted
        ? `there was no answer within ${this.timeoutMs / 1_000} s`
        : wordsOf(thrown);
      const milliseconds = performance.now() - began;
      return { status: undefined, reason, retryAfter: undefined, said: undefined, milliseconds };
    }
  }
}

/** Why nothing is sent to an address is told by its guard. */
const wordsOf = (thrown: unknown): string =>
  thrown instanceof AppError ? thrown.message : connectionWords(thrown);

type Posted = Pick<SentAnswer, 'status' | 'retryAfter' | 'said'>;

function post(
  url: URL,
  addresses: readonly Address[],
  sent: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
): Promise<Posted> {
  const options: RequestOptions = {
    method: 'POST',
    // A new connection each time: one that is kept open could be one of before the address was looked at.
    agent: false,
    lookup: lookupIn(addresses),
    headers: { ...sent.headers, 'content-length': Buffer.byteLength(sent.body) },
    signal: sent.signal,
  };
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = start(url, options, (response) => {
      const { statusCode: status, headers } = response;
      beginningOf(response, (said) => {
        resolve({ status, retryAfter: headers['retry-after'], said });
        request.destroy();
      });
    });
    request.on('error', reject);
    request.end(sent.body);
  });
}

/** What was received of the text until it ended, broke off or was enough: the status stands in any case. */
function beginningOf(response: IncomingMessage, tell: (said: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const done = (): void => tell(Buffer.concat(chunks).subarray(0, saidBytes).toString('utf8'));
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= saidBytes) done();
  });
  response.once('end', done).once('error', done).once('close', done);
}

/** Answers every question with the addresses that are known already. */
function lookupIn(addresses: readonly Address[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else if (first) callback(null, first.address, first.family);
  };
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}
