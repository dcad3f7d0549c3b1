import { Agent, request } from 'undici';
import type { NetworkGuard } from './network-guard.js';

export interface WebhookSenderOptions {
  readonly guard: NetworkGuard;
  /** From the connect to the last byte of the answer's head, in milliseconds. */
  readonly timeoutMs: number;
}

/** Sends webhooks: to where it may, without following where others point to, and without waiting for long. */
export class WebhookSender {
  private readonly agent: Agent;

  constructor(private readonly options: WebhookSenderOptions) {
    const { guard, timeoutMs } = options;
    this.agent = new Agent({
      connect: { lookup: guard.lookup, timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connections: 64,
      maxHeaderSize: 16_384,
    });
  }

  /**
   * The status of the answer; its body is of no interest.
   *
   * @throws permanent `subscription.address_refused`; what the connection throws
   */
  async send(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    this.options.guard.refuseLiteral(new URL(url).hostname);
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'user-agent': 'slipway', ...headers },
      body,
      dispatcher: this.agent,
      signal: AbortSignal.timeout(this.options.timeoutMs),
    });
    answer.body.on('error', () => undefined);
    answer.body.destroy();
    return answer.statusCode;
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
