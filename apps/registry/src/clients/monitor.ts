import { houseTokens, type HouseTokens, type Identity } from '#access';
import { permanent, temporary } from '#errors';
import type { KeyRing } from '#secrets';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';

/** What of a request means something to the monitor. */
const passedOn = ['accept', 'range', 'if-range', 'if-none-match', 'last-event-id', 'traceparent'] as const;

/** What of its answer means something to who asked. */
const passedBack = [
  'content-type',
  'content-length',
  'content-range',
  'content-disposition',
  'content-security-policy',
  'x-content-type-options',
  'accept-ranges',
  'cache-control',
  'etag',
  'retry-after',
] as const;

/**
 * The monitor, for people: they know one address, this service's. What they ask about jobs is passed on with a word on
 * who asks, and answered as the monitor answers.
 */
export class Monitor {
  readonly #tokens: HouseTokens;

  /** @param url where the monitor listens; undefined where there is none */
  constructor(
    readonly url: string | undefined,
    ring: KeyRing,
  ) {
    this.#tokens = houseTokens(ring);
  }

  /**
   * Answers a request as the monitor does.
   * @throws temporary `monitor.unavailable` where it does not answer
   * @throws permanent `monitor.not_found` where this house has none
   */
  async passOn(caller: Identity, reply: FastifyReply): Promise<void> {
    const gone = new AbortController();
    // Of the answer, not of the connection, which serves many requests.
    reply.raw.once('close', () => gone.abort());
    const answer = await this.#ask(caller, reply.request, gone.signal);
    void reply.status(answer.status);
    for (const name of passedBack) {
      const value = answer.headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    await reply.send(answer.body ? Readable.fromWeb(answer.body) : undefined);
  }

  async #ask(caller: Identity, request: FastifyRequest, signal: AbortSignal): Promise<Response> {
    if (this.url === undefined) {
      const text = 'this house has no monitor of jobs: SLIPWAY_MONITOR_URL says where it is';
      throw permanent('monitor.not_found', text, { level: 'info' });
    }
    const headers: Record<string, string> = { authorization: `Slipway ${this.#tokens.issue(caller)}` };
    for (const name of passedOn) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const hasBody = request.method === 'POST';
    if (hasBody) headers['content-type'] = 'application/json';
    try {
      return await fetch(new URL(request.url, this.url), {
        method: request.method,
        headers,
        signal,
        redirect: 'manual',
        ...(hasBody && { body: JSON.stringify(request.body ?? {}) }),
      });
    } catch (cause) {
      throw temporary('monitor.unavailable', 'the monitor of jobs does not answer; try again soon', {
        cause,
      });
    }
  }
}
