import type { Queue } from '#contracts';
import { permanent, toAppError, type AppError } from '#errors';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { Aside, type AsideDeps } from './aside.js';
import { attemptOf, crashesOf, fromProperties } from './envelope.js';
import { fateOf } from './fate.js';
import { Delivery, handlerFor, handlersOf, payloadOf, type Handler, type Handlers } from './handler.js';
import { Intake } from './intake.js';
import type { BusLimits, BusTrace } from './options.js';
import { policy as policyOf } from './policy.js';
import { RunningHandlers } from './running-handlers.js';
import type { Tally } from './tally.js';
import { suspectsQueue, type House } from './topology.js';

/** Besides what putting aside needs: the limits and delays by which a message's fate is decided. */
export interface ConsumerDeps extends AsideDeps {
  readonly house: House;
  readonly limits: BusLimits;
  readonly trace: BusTrace;
  readonly tally: Tally;
}

/** A message that comes back so often without an answer is a dead letter. */
const mostCrashes = 5;

/** A delivered message and where it can be acknowledged. */
interface Taken {
  readonly message: ConsumeMessage;
  readonly channel: Channel;
  readonly intake: Intake;
}

/**
 * Reads one queue and decides each message's fate: acknowledged when the handler is done; published to a delay queue or
 * to the dead letters when it failed, and acknowledged when the broker has confirmed that.
 */
export class QueueConsumer {
  private readonly handlers: Handlers;
  private readonly concurrency: number;
  private readonly main: Intake;
  private readonly suspects: Intake;
  private readonly running: RunningHandlers;
  private readonly aside: Aside;
  /** The usual outcome's counts at hand: looking one up costs more than handling a small message may. */
  private readonly done: ReadonlyMap<Handler, { value: number }>;
  private backlog: Taken[] = [];
  private busy = 0;
  private idle: (() => void) | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    readonly queue: Queue,
    handlers: readonly Handler[],
    private readonly deps: ConsumerDeps,
  ) {
    this.handlers = handlersOf(queue, handlers);
    this.aside = new Aside(queue.name, deps);
    this.done = new Map(handlers.map((handler) => [handler, this.count(handler, 'done')]));
    this.running = new RunningHandlers(handlers, deps.trace);
    const policies = handlers.map((handler) => handler.policy);
    this.concurrency = Math.max(...policies.map((p) => p.concurrency));
    const { logger, declare, limits } = deps;
    this.main = new Intake({
      logger,
      declare,
      queue: queue.name,
      prefetch: Math.max(...policies.map((p) => p.prefetch)),
      pauseMs: 0,
      take: (message, channel) => this.take({ message, channel, intake: this.main }),
    });
    this.suspects = new Intake({
      logger,
      declare,
      queue: suspectsQueue(queue.name),
      prefetch: 1,
      pauseMs: limits.suspectPauseMs,
      take: (message, channel) => this.takeSuspect({ message, channel, intake: this.suspects }),
    });
  }

  /** True while the broker sends messages. */
  get reading(): boolean {
    return this.main.reading;
  }

  /** Handlers running now. */
  get handling(): number {
    return this.running.count;
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
  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  private async drain(): Promise<void> {
    this.backlog = [];
    await Promise.all([this.main.stop(), this.suspects.stop()]);
    if (this.busy > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
        setTimeout(resolve, this.deps.limits.drainMs).unref();
      });
    }
    this.running.abandon();
    await Promise.all([this.main.close(), this.suspects.close()]);
  }

  private take(taken: Taken): void {
    if (taken.message.fields.redelivered) void this.setApart(taken);
    else if (this.busy >= this.concurrency) this.backlog.push(taken);
    else void this.work(taken);
  }

  private takeSuspect(taken: Taken): void {
    if (taken.message.fields.redelivered) void this.setApart(taken);
    else void this.work(taken);
  }

  private async work(taken: Taken): Promise<void> {
    const { message, intake } = taken;
    this.busy += 1;
    let handler: Handler | undefined;
    try {
      const envelope = fromProperties(message.properties);
      handler = handlerFor(this.handlers, envelope);
      const delivery = new Delivery(envelope, message, this.queue.name, intake === this.suspects);
      await this.running.run(handler, payloadOf(handler, message), delivery);
      this.settle(taken, handler, 'done');
    } catch (thrown) {
      await this.failed(taken, handler, toAppError(thrown));
    }
    this.next();
  }

  private next(): void {
    this.busy -= 1;
    if (this.busy === 0 && this.idle) this.idle();
    while (this.busy < this.concurrency) {
      const waiting = this.backlog.shift();
      if (!waiting) return;
      void this.work(waiting);
    }
  }

  private async failed(taken: Taken, handler: Handler | undefined, error: AppError): Promise<void> {
    const { message } = taken;
    const { tally, logger, house } = this.deps;
    const queue = this.queue.name;
    const { code, level } = error;
    const attempt = attemptOf(message.properties.headers);
    const fate = fateOf(error, attempt, handler?.policy ?? policyOf(), house.delays);
    const id: unknown = message.properties.messageId;
    logger[level]({ queue, id, attempt, code, fate, err: error }, 'a message was not handled');
    if (fate.kind === 'retry') {
      if (!(await this.aside.later(message, () => isHeld(taken), fate.delay, attempt + 1))) return;
      tally.count('retried', { queue, code });
    } else {
      if (!(await this.aside.dead(message, () => isHeld(taken), attempt, fate.reason, error))) return;
      tally.count('dead_lettered', { queue, reason: fate.reason, code });
    }
    this.settle(taken, handler, fate.kind);
  }

  /**
   * It came back without an answer: its consumer died, or the connection. Published anew to the end of the suspects, so
   * that one that kills takes no other along; counted by ourselves, because what the broker counts differs by version.
   */
  private async setApart(taken: Taken): Promise<void> {
    const { message } = taken;
    this.busy += 1;
    const crashes = crashesOf(message.properties.headers) + 1;
    if (crashes >= mostCrashes) {
      const text = `its consumer ended ${crashes} times without an answer, most likely because of it`;
      await this.failed(taken, undefined, permanent('bus.consumer_crashed', text));
    } else if (await this.aside.alone(message, () => isHeld(taken), crashes)) {
      this.deps.tally.count('suspected', { queue: this.queue.name });
      ack(taken);
    }
    this.next();
  }

  private settle(taken: Taken, handler: Handler | undefined, outcome: 'done' | 'retry' | 'dead'): void {
    const done = handler && outcome === 'done' ? this.done.get(handler) : undefined;
    if (done) done.value += 1;
    else this.count(handler, outcome).value += 1;
    ack(taken);
  }

  private count(handler: Handler | undefined, outcome: string): { value: number } {
    const message = handler?.message.routingKey ?? 'unknown';
    return this.deps.tally.cell('consumed', { queue: this.queue.name, message, outcome });
  }
}

const isHeld = ({ intake, channel }: Taken): boolean => intake.isCurrent(channel);

const ack = ({ intake, message, channel }: Taken): void => intake.ack(message, channel);
