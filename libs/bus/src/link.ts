import { permanent, type AppError } from '#errors';
import type { ChannelModel } from 'amqplib';
import { addressFault } from './broker-address.js';
import { openConnection } from './connecting.js';
import { explained } from './declare.js';
import type { BusLogger } from './options.js';

/** Where a connection goes, and who is told that it came up, went down or was blocked. */
export interface LinkOptions {
  /** What the link is for; part of the connection's name on the broker, of logs and metrics. */
  readonly purpose: 'publishing' | 'consuming' | 'watching';
  readonly service: string;
  /** `amqp(s)://…`; several for a cluster, tried in turn. */
  readonly urls: readonly string[];
  readonly heartbeatSeconds: number;
  readonly logger: BusLogger;
  /** Sets up channels; the link counts as up once it resolves. Throwing closes the connection and tries again. */
  readonly up: (model: ChannelModel) => Promise<void>;
  readonly down: (reason: AppError) => void;
  readonly blocked: (reason: string | undefined) => void;
}

const firstPauseMs = 100;
const longestPauseMs = 3_000;
/** A connection that lasted this long clears the count of failures. */
const steadyMs = 30_000;

/** One supervised connection to the broker: it comes back by itself until it is closed. */
export class Link {
  private model: ChannelModel | undefined;
  private closing = false;
  private wake: (() => void) | undefined;
  private finished: Promise<void> | undefined;
  private turn = 0;
  /** Connections made so far. */
  connections = 0;

  constructor(private readonly options: LinkOptions) {
    for (const url of options.urls) assertUrl(url);
  }

  /** Resolves after the first try, whatever came of it; rejects with a permanent error of that try. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.finished = this.run((error) => (error && !error.temporary ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    this.wake?.();
    await this.model?.close().catch(() => {});
    await this.finished;
  }

  /** Drops the connection so that everything is set up anew. */
  reset(): void {
    void this.model?.close().catch(() => {});
  }

  private async run(firstTry: (error?: AppError) => void): Promise<void> {
    let failures = 0;
    while (!this.closing) {
      const since = Date.now();
      const reason = await this.serve(() => firstTry());
      if (this.closing) break;
      failures = Date.now() - since > steadyMs ? 1 : failures + 1;
      this.options.down(reason);
      firstTry(reason);
      const pauseMs = backOff(failures);
      const { purpose, logger } = this.options;
      logger[reason.temporary ? 'warn' : 'error'](
        { purpose, code: reason.code, reason: reason.message, pauseMs },
        'no connection to the broker; trying again',
      );
      await this.pause(pauseMs);
    }
    firstTry();
  }

  /** One connection's whole life; the reason why it ended. */
  private async serve(isUp: () => void): Promise<AppError> {
    try {
      const model = await this.open();
      const ended = new Promise<unknown>((resolve) => {
        model.on('error', resolve);
        model.on('close', (error) => resolve(error ?? new Error('the connection was closed')));
      });
      model.on('blocked', (reason) => this.options.blocked(reason));
      model.on('unblocked', () => this.options.blocked(undefined));
      this.model = model;
      if (this.closing) void model.close().catch(() => {});
      try {
        // A connection that breaks while it is set up would leave the set-up waiting for ever.
        const failed = ended.then((error): never => {
          throw explained(error);
        });
        failed.catch(() => {});
        await Promise.race([this.options.up(model), failed]);
        this.connections += 1;
        this.options.logger.info({ purpose: this.options.purpose }, 'connected to the broker');
        isUp();
        return await failed;
      } finally {
        this.model = undefined;
        await model.close().catch(() => {});
      }
    } catch (error) {
      return explained(error);
    }
  }

  private open(): Promise<ChannelModel> {
    const { urls, service, purpose, heartbeatSeconds } = this.options;
    const name = `${service} ${purpose} (pid ${process.pid})`;
    return openConnection(urls[this.turn++ % urls.length] ?? '', heartbeatSeconds, name);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.closing) this.wake();
    });
  }
}

/** Doubles from 0.1 s to 3 s, between half and whole of it, so that copies do not come back in step. */
export function backOff(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1));
  return Math.round(whole * (0.5 + random() / 2));
}

function assertUrl(url: string): void {
  const fault = addressFault(url);
  if (fault !== undefined) throw permanent('bus.bad_url', `the broker’s address: ${fault}`);
}
