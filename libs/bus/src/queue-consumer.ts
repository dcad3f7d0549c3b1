import { exchanges, retryExchange, type Queue } from '#contracts';
import { AppError, temporary, toAppError } from '#errors';
import type { Channel, ChannelModel, ConsumeMessage, Options } from 'amqplib';
import { again, attemptOf, deliveriesBefore, fromProperties, header, type Headers } from './envelope.js';
import { fateOf, type DeadReason } from './fate.js';
import { Delivery, handlerFor, handlersOf, payloadOf, type Handler, type Handlers } from './handler.js';
import { Intake } from './intake.js';
import { noTrace, type BusLimits, type BusLogger, type BusTrace } from './options.js';
import { policy as policyOf } from './policy.js';
import type { Publisher } from './publisher.js';
import type { Tally } from './tally.js';
import { suspectsQueue, type House } from './topology.js';

export interface ConsumerDeps {
  readonly house: House;
  readonly limits: BusLimits;
  readonly logger: BusLogger;
  readonly trace: BusTrace;
  readonly tally: Tally;
  readonly publisher: Publisher;
  readonly declare: () => Promise<void>;
}

/** A handler at work. */
interface Running {
  readonly since: number;
  readonly timeoutMs: number;
  readonly delivery: Delivery;
  readonly expire: (error: AppError) => void;
}

/**
 * Reads one queue and decides each message's fate: acknowledged when the handler is done; published to a delay queue or
 * to the dead letters when it failed, and acknowledged when the broker has confirmed that. Between the two a crash makes
 * a double, never a loss.
 */
export class QueueConsumer {
  private readonly handlers: Handlers;
  private readonly concurrency: number;
  private readonly main: Intake;
  private readonly suspects: Intake;
  private readonly running = new Set<Running>();
  private backlog: { message: ConsumeMessage; channel: Channel }[] = [];
  private busy = 0;
  private idle: (() => void) | undefined;
  private readonly sweeper: NodeJS.Timeout;
  private over = false;

  constructor(
    readonly queue: Queue,
    handlers: readonly Handler[],
    private readonly deps: ConsumerDeps,
  ) {
    this.handlers = handlersOf(queue, handlers);
    const policies = handlers.map((handler) => handler.policy);
    const { logger, declare, limits } = deps;
    const prefetch = Math.max(...policies.map((p) => p.prefetch));
    this.concurrency = Math.max(...policies.map((p) => p.concurrency));
    const shared = { logger, declare };
    this.main = new Intake({
      ...shared,
      queue: queue.name,
      prefetch,
      pauseMs: 0,
      take: (message, channel) => this.take(message, channel),
    });
    this.suspects = new Intake({
      ...shared,
      queue: suspectsQueue(queue.name),
      prefetch: 1,
      pauseMs: limits.suspectPauseMs,
      take: (message, channel) => void this.work(message, channel, this.suspects, true),
    });
    const shortest = Math.min(...policies.map((p) => p.timeoutSeconds * 1000));
    this.sweeper = setInterval(() => this.sweep(), Math.min(1000, Math.max(50, shortest / 4))).unref();
  }

  /** True while the broker sends messages. */
  get reading(): boolean {
    return this.main.reading;
  }

  /** Handlers running now. */
  get handling(): number {
    return this.running.size;
  }

  up(model: ChannelModel): void {
    this.main.up(model);
    this.suspects.up(model);
  }

  down(): void {
    this.backlog = [];
    this.main.down();
    this.suspects.down();
  }

  /** Takes no more, lets running handlers finish (at most `drainMs`), gives the rest back to the queue. */
  async stop(): Promise<void> {
    if (this.over) return;
    this.backlog = [];
    await Promise.all([this.main.stop(), this.suspects.stop()]);
    if (this.busy > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
        setTimeout(resolve, this.deps.limits.drainMs).unref();
      });
    }
    this.over = true;
    for (const { delivery } of this.running) delivery.abort(new Error('the service stops'));
    clearInterval(this.sweeper);
    await Promise.all([this.main.close(), this.suspects.close()]);
  }

  private take(message: ConsumeMessage, channel: Channel): void {
    if (deliveriesBefore(message.properties.headers) > 0) void this.setApart(message, channel);
    else if (this.busy >= this.concurrency) this.backlog.push({ message, channel });
    else void this.work(message, channel, this.main, false);
  }

  private async work(
    message: ConsumeMessage,
    channel: Channel,
    intake: Intake,
    suspect: boolean,
  ): Promise<void> {
    this.busy += 1;
    let handler: Handler | undefined;
    try {
      const envelope = fromProperties(message.properties);
      handler = handlerFor(this.handlers, envelope);
      const redelivered = suspect || message.fields.redelivered;
      const delivery = new Delivery(envelope, message, this.queue.name, redelivered);
      await this.run(handler, payloadOf(handler, message), delivery);
      this.settled(handler, 'done');
      this.ack(channel, intake, message);
    } catch (thrown) {
      await this.failed(message, channel, intake, handler, toAppError(thrown));
    } finally {
      this.busy -= 1;
      this.next();
    }
  }

  private run(handler: Handler, payload: unknown, delivery: Delivery): Promise<unknown> {
    const { trace } = this.deps;
    let running: Running;
    return new Promise((resolve, reject) => {
      running = {
        since: Date.now(),
        timeoutMs: handler.policy.timeoutSeconds * 1000,
        delivery,
        expire: reject,
      };
      this.running.add(running);
      const result =
        trace === noTrace
          ? handler.handle(payload, delivery)
          : trace.run(delivery.traceparent, () => handler.handle(payload, delivery));
      result.then(resolve, reject);
    }).finally(() => this.running.delete(running));
  }

  private next(): void {
    if (this.busy === 0 && this.idle) this.idle();
    while (this.busy < this.concurrency) {
      const waiting = this.backlog.shift();
      if (!waiting) return;
      void this.work(waiting.message, waiting.channel, this.main, false);
    }
  }

  private async failed(
    message: ConsumeMessage,
    channel: Channel,
    intake: Intake,
    handler: Handler | undefined,
    error: AppError,
  ): Promise<void> {
    const attempt = attemptOf(message.properties.headers);
    const fate = fateOf(error, attempt, handler?.policy ?? policyOf(), this.deps.house.delays);
    const name = this.queue.name;
    this.deps.logger[error.level](
      {
        queue: name,
        id: message.properties.messageId as unknown,
        attempt,
        code: error.code,
        fate,
        err: error,
      },
      'a message was not handled',
    );
    const kept =
      fate.kind === 'retry'
        ? await this.keep(message, channel, intake, retryExchange(fate.delay), name, {
            [header.attempt]: attempt + 1,
          })
        : await this.keep(
            message,
            channel,
            intake,
            exchanges.dead,
            name,
            this.epitaph(attempt, fate.reason, error),
          );
    if (!kept) return;
    if (fate.kind === 'retry') this.deps.tally.count('retried', { queue: name, code: error.code });
    else this.deps.tally.count('dead_lettered', { queue: name, reason: fate.reason, code: error.code });
    this.settled(handler, fate.kind);
    this.ack(channel, intake, message);
  }

  private epitaph(attempt: number, reason: DeadReason, error: AppError): Headers {
    return {
      [header.attempt]: attempt,
      [header.deadQueue]: this.queue.name,
      [header.deadReason]: reason,
      [header.deadCode]: error.code,
      [header.deadMessage]: error.message.slice(0, 2000),
      [header.deadTime]: new Date().toISOString(),
    };
  }

  private async setApart(message: ConsumeMessage, channel: Channel): Promise<void> {
    this.busy += 1;
    const queue = suspectsQueue(this.queue.name);
    if (await this.keep(message, channel, this.main, exchanges.requeue, queue, {})) {
      this.deps.tally.count('suspected', { queue: this.queue.name });
      this.ack(channel, this.main, message);
    }
    this.busy -= 1;
    this.next();
  }

  /**
   * Publishes a received message elsewhere until the broker confirms it; meanwhile it stays unacknowledged here. False
   * when the channel is gone: then the broker delivers it again anyway.
   */
  private async keep(
    message: ConsumeMessage,
    channel: Channel,
    intake: Intake,
    exchange: string,
    routingKey: string,
    more: Headers,
  ): Promise<boolean> {
    const options: Options.Publish = again(message.properties, { ...origin(message), ...more });
    while (intake.isCurrent(channel)) {
      try {
        await this.deps.publisher.publish(exchange, routingKey, message.content, options);
        return true;
      } catch (thrown) {
        const { code, message: reason } = toAppError(thrown);
        this.deps.logger.error(
          { queue: this.queue.name, exchange, code, reason },
          'a message cannot be put aside; it stays unacknowledged, trying again',
        );
        if (code === 'bus.unroutable') await this.deps.declare().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    return false;
  }

  private settled(handler: Handler | undefined, outcome: string): void {
    const name = handler?.message.routingKey ?? 'unknown';
    this.deps.tally.count('consumed', { queue: this.queue.name, message: name, outcome });
  }

  private ack(channel: Channel, intake: Intake, message: ConsumeMessage): void {
    if (!intake.isCurrent(channel)) return;
    try {
      channel.ack(message);
    } catch {
      // The channel closed a moment ago: the message comes again, and the handler bears it.
    }
  }

  private sweep(): void {
    const now = Date.now();
    for (const { since, timeoutMs, expire, delivery } of this.running) {
      if (now - since < timeoutMs) continue;
      const error = temporary('bus.handler_timeout', `the handler took longer than ${timeoutMs / 1000} s`);
      delivery.abort(error);
      expire(error);
    }
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
