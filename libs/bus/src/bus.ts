import type { InputOf, Message, Queue } from '#contracts';
import { type AppError } from '#errors';
import type { ChannelModel } from 'amqplib';
import { Announcer, type PublishOptions } from './announcer.js';
import { answer, type AnswerOptions } from './answer.js';
import { declareTopology, explained } from './declare.js';
import type { Handler } from './handler.js';
import { Link, type LinkOptions } from './link.js';
import { Listening, type ListenOptions } from './listening.js';
import {
  defaultHouse,
  defaultLimits,
  noTrace,
  type BusLimits,
  type BusOptions,
  type BusTrace,
} from './options.js';
import { Publisher } from './publisher.js';
import { QueueConsumer } from './queue-consumer.js';
import { Tally } from './tally.js';
import { topologyOf, type House, type Topology } from './topology.js';

/** How the connection to the broker is. */
export interface BusState {
  /** True while messages can be published and, where this process consumes, its queues are read. */
  readonly ready: boolean;
  readonly status: 'connecting' | 'up' | 'blocked' | 'down' | 'closed';
  /** Why it is not ready, for people. */
  readonly reason: string | undefined;
  /** Messages sent and not yet confirmed. */
  readonly inFlight: number;
  /** Messages waiting to be sent. */
  readonly waiting: number;
}

/** What a service says and hears goes through here. Made by `connectBus`. */
export interface Bus {
  /**
   * Validates the payload and publishes it; resolves when the broker has confirmed that it keeps the message.
   *
   * Rejects with permanent `bus.invalid_message`; temporary `bus.unavailable` (no connection, blocked, nacked or no
   * confirm in time: the text says whether the outcome is unknown; publish again with the same id); temporary
   * `bus.unroutable` (see `Announcer`).
   */
  publish<M extends Message>(message: M, payload: InputOf<M>, options?: PublishOptions): Promise<void>;
  /** Reads a queue from now on, through all reconnects, until the bus is closed. `BusServer` does this for Nest. */
  consume(queue: Queue, handlers: readonly Handler[]): QueueConsumer;
  /**
   * Hears, as this one copy of the service, every event whose routing key fits, and what is answered to it: through all
   * reconnects, until it is stopped. For what all copies must know and none has to answer for; work is `consume`d.
   */
  listen(options: ListenOptions): Listening;
  /** Says a message of the kind `answer` to the one copy that listens at `queue`; rejects as `publish` does. */
  answer<M extends Message>(
    queue: string,
    message: M,
    payload: InputOf<M>,
    options?: AnswerOptions,
  ): Promise<void>;
  state(): BusState;
  /**
   * Resolves after the first try to connect, whether or not the broker was there: the bus keeps trying. Rejects with
   * permanent `bus.topology_differs` or `bus.topology_missing` of that first try.
   */
  started(): Promise<void>;
  /** Stops consuming, lets running handlers finish, waits for outstanding confirms, closes the connections. */
  close(): Promise<void>;
}

/**
 * Starts to connect and returns at once; the bus comes back by itself whenever the connection breaks. Throws permanent
 * `bus.bad_url`.
 */
export function connectBus(options: BusOptions): Bus {
  return new AmqpBus(options);
}

class AmqpBus implements Bus {
  private readonly limits: BusLimits;
  private readonly house: House;
  private readonly topology: Topology;
  private readonly trace: BusTrace;
  private readonly tally = new Tally();
  private readonly publisher: Publisher;
  private readonly announcer: Announcer;
  private readonly publishing: Link;
  private readonly firstTry: Promise<void>;
  private readonly consumers: QueueConsumer[] = [];
  private readonly ears = new Set<Listening>();
  private consuming: Link | undefined;
  private consumingModel: ChannelModel | undefined;
  private publishingUp = false;
  private lastReason: string | undefined = 'not connected yet';
  private everUp = false;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: BusOptions) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.house = { ...defaultHouse, ...options.house };
    this.topology = topologyOf(this.house);
    this.trace = options.trace ?? noTrace;
    this.publisher = new Publisher(this.limits);
    this.announcer = new Announcer(
      options.service,
      this.house,
      this.publisher,
      this.tally,
      this.trace,
      this.limits.messageBytes,
    );
    if (options.metrics) this.tally.register(options.metrics, this.gauges());
    this.publishing = new Link(this.publishingLink());
    this.firstTry = this.publishing.start();
    // Whoever wants to know asks `started()`; a process that does not must not die of it.
    this.firstTry.catch(() => {});
  }

  publish<M extends Message>(message: M, payload: InputOf<M>, options?: PublishOptions): Promise<void> {
    return this.announcer.publish(message, payload, options);
  }

  consume(queue: Queue, handlers: readonly Handler[]): QueueConsumer {
    const consumer = new QueueConsumer(queue, handlers, {
      house: this.house,
      limits: this.limits,
      logger: this.options.logger,
      trace: this.trace,
      tally: this.tally,
      publisher: this.publisher,
      declare: () => this.declare(this.consumingModel),
    });
    this.consumers.push(consumer);
    if (this.consumingModel) consumer.up(this.consumingModel);
    else this.startConsuming();
    return consumer;
  }

  listen(options: ListenOptions): Listening {
    const listening = new Listening(options, {
      service: this.options.service,
      logger: this.options.logger,
      messages: this.house.messages,
      tally: this.tally,
      declare: () => this.declare(this.consumingModel),
      stopped: (ended) => void this.ears.delete(ended),
    });
    this.ears.add(listening);
    if (this.consumingModel) listening.up(this.consumingModel);
    else this.startConsuming();
    return listening;
  }

  answer<M extends Message>(
    queue: string,
    message: M,
    payload: InputOf<M>,
    options: AnswerOptions = {},
  ): Promise<void> {
    return answer(this.publisher, this.options.service, queue, message, payload, options);
  }

  state(): BusState {
    const blocked = this.publisher.blockedReason;
    const reading = this.consumers.every((consumer) => consumer.reading);
    const status = this.closing
      ? 'closed'
      : !this.publishingUp
        ? this.everUp
          ? 'down'
          : 'connecting'
        : blocked === undefined
          ? 'up'
          : 'blocked';
    const notReading = reading ? undefined : 'not every queue is being read';
    return {
      ready: status === 'up' && reading,
      status,
      reason: status === 'up' ? notReading : (blocked ?? this.lastReason),
      inFlight: this.publisher.inFlightCount,
      waiting: this.publisher.waitingCount,
    };
  }

  started(): Promise<void> {
    return this.firstTry;
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await Promise.all([...this.consumers, ...this.ears].map((each) => each.stop()));
    // Without a connection the flush ends when the last message's time is over.
    await this.publisher.flush();
    await Promise.all([this.consuming?.close(), this.publishing.close()]);
  }

  private startConsuming(): void {
    if (this.consuming) return;
    this.consuming = new Link(this.consumingLink());
    this.consuming.start().catch(() => {});
  }

  private async declare(model: ChannelModel | undefined): Promise<void> {
    if (model) await declareTopology(model, this.topology);
  }

  private publishingLink(): LinkOptions {
    return {
      ...this.linkBasics(),
      purpose: 'publishing',
      up: async (model) => {
        await this.declare(model);
        const channel = await model.createConfirmChannel();
        channel.on('error', (error) => this.channelLost(explained(error)));
        channel.on('close', () => this.channelLost(explained(new Error('the channel was closed'))));
        this.publisher.open(channel);
        this.publishingUp = this.everUp = true;
        this.lastReason = undefined;
        this.tally.count('connections', { purpose: 'publishing' });
      },
      down: (reason) => this.publishingDown(reason),
      blocked: (reason) => this.publisher.setBlocked(reason),
    };
  }

  /** The broker closes the channel at an error of ours (no such exchange, no right); the connection goes with it. */
  private channelLost(reason: AppError): void {
    if (!this.publishingUp) return;
    this.publishingDown(reason);
    this.publishing.reset();
  }

  private publishingDown(reason: AppError): void {
    this.publishingUp = false;
    this.lastReason = reason.message;
    this.publisher.lost(reason);
  }

  // A connection of its own: the broker stops reading from one that publishes while an alarm lasts, acks included.
  private consumingLink(): LinkOptions {
    return {
      ...this.linkBasics(),
      purpose: 'consuming',
      up: async (model) => {
        await this.declare(model);
        this.consumingModel = model;
        this.tally.count('connections', { purpose: 'consuming' });
        for (const each of [...this.consumers, ...this.ears]) each.up(model);
      },
      down: () => {
        this.consumingModel = undefined;
        for (const each of [...this.consumers, ...this.ears]) each.down();
      },
      blocked: () => {},
    };
  }

  private linkBasics(): Pick<LinkOptions, 'service' | 'urls' | 'heartbeatSeconds' | 'logger'> {
    const { url, service, logger } = this.options;
    const urls = typeof url === 'string' ? [url] : url;
    return { service, urls, heartbeatSeconds: this.limits.heartbeatSeconds, logger };
  }

  private gauges() {
    return {
      inFlight: () => this.publisher.inFlightCount,
      waiting: () => this.publisher.waitingCount,
      blocked: () => this.publisher.blockedReason !== undefined,
      handling: () => Object.fromEntries(this.consumers.map((c) => [c.queue.name, c.handling])),
      up: () => ({
        publishing: this.publishingUp,
        ...(this.consuming ? { consuming: this.consumingModel !== undefined } : {}),
      }),
    };
  }
}
