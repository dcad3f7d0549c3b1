import { exchanges, retryExchange, type RetryDelay } from '#contracts';
import { toAppError, type AppError } from '#errors';
import type { ConsumeMessage } from 'amqplib';
import { again, header, type Headers } from './envelope.js';
import type { DeadReason } from './fate.js';
import type { BusLogger } from './options.js';
import type { Publisher } from './publisher.js';
import { suspectsQueue } from './topology.js';

/** What putting a message aside needs; `declare` makes a retry or dead queue again that somebody deleted. */
export interface AsideDeps {
  readonly logger: BusLogger;
  readonly publisher: Publisher;
  readonly declare: () => Promise<void>;
}

const pauseMs = 500;

/**
 * Puts received messages of one queue aside: for a later try, for being handled alone, to the dead letters. Each method
 * tries until the broker has confirmed, and resolves with true; the message stays unacknowledged meanwhile, so a crash
 * makes a double and never a loss. False once `held` says that the message is not ours any more: then the broker
 * delivers it again anyway.
 */
export class Aside {
  constructor(
    private readonly queue: string,
    private readonly deps: AsideDeps,
  ) {}

  later(message: ConsumeMessage, held: () => boolean, delay: RetryDelay, attempt: number): Promise<boolean> {
    return this.publish(message, held, retryExchange(delay), this.queue, {
      [header.attempt]: attempt,
      // It was answered: whatever came back before came back for another reason.
      [header.crashes]: 0,
    });
  }

  alone(message: ConsumeMessage, held: () => boolean, crashes: number): Promise<boolean> {
    return this.publish(message, held, exchanges.requeue, suspectsQueue(this.queue), {
      [header.crashes]: crashes,
    });
  }

  dead(
    message: ConsumeMessage,
    held: () => boolean,
    attempt: number,
    reason: DeadReason,
    error: AppError,
  ): Promise<boolean> {
    return this.publish(message, held, exchanges.dead, this.queue, {
      [header.attempt]: attempt,
      [header.deadQueue]: this.queue,
      [header.deadReason]: reason,
      [header.deadCode]: error.code,
      [header.deadMessage]: error.message.slice(0, 2000),
      [header.deadTime]: new Date().toISOString(),
    });
  }

  private async publish(
    message: ConsumeMessage,
    held: () => boolean,
    exchange: string,
    routingKey: string,
    more: Headers,
  ): Promise<boolean> {
    const options = again(message.properties, { ...origin(message), ...more });
    while (held()) {
      try {
        await this.deps.publisher.publish(exchange, routingKey, message.content, options);
        return true;
      } catch (thrown) {
        const { code, message: reason } = toAppError(thrown);
        this.deps.logger.error(
          { queue: this.queue, exchange, code, reason },
          'a message cannot be put aside; it stays unacknowledged, trying again',
        );
        if (code === 'bus.unroutable') await this.deps.declare().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return false;
  }
}

/** Where the message was first published to, unless it says so itself. */
function origin(message: ConsumeMessage): Headers {
  const headers: Headers = message.properties.headers ?? {};
  if (headers[header.exchange] !== undefined) return {};
  return {
    [header.exchange]: message.fields.exchange,
    [header.routingKey]: message.fields.routingKey,
  };
}
