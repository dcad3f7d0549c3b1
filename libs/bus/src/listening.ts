import type { Message } from '#contracts';
import { toAppError } from '#errors';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { invalid } from './announcer.js';
import { copiesOf, makeCopyQueue } from './copy-queue.js';
import { fromProperties, type Envelope } from './envelope.js';
import { bodyOf } from './handler.js';
import { Intake } from './intake.js';
import type { BusLogger } from './options.js';
import type { Tally } from './tally.js';

/** A message as one copy of a service hears it. */
export interface Heard extends Envelope {
  readonly routingKey: string;
  /** Which of the house's messages it is; undefined for one that this version does not know. */
  readonly message: Message | undefined;
  /** The body as it came, whether or not it is what the contract says. */
  readonly data: unknown;
  /** Why the body is not what the contract of `message` says; undefined where it is. Holds no values. */
  readonly problem: string | undefined;
}

/** What one copy wants to hear, and who hears it. */
export interface ListenOptions {
  /** Topic patterns over the routing keys of events: `#` for everything. */
  readonly keys: readonly string[];
  /**
   * Called for each message in the order in which they come, without waiting for the one before. What it throws, or its
   * promise rejects with, is logged and that is all: nothing is tried again, nothing blocks.
   */
  readonly handle: (heard: Heard) => unknown;
  /**
   * Called with the queue's name each time that listening begins: at first, and after whatever interrupted it. What
   * was said in between was not heard.
   */
  readonly onOpen?: (queue: string) => unknown;
}

/** What the bus lends to a listening; `stopped` takes it off the bus's list. */
export interface ListeningDeps {
  readonly service: string;
  readonly messages: readonly Message[];
  readonly logger: BusLogger;
  readonly tally: Tally;
  readonly declare: () => Promise<void>;
  readonly stopped: (listening: Listening) => void;
}

/** Unacknowledged messages that one copy holds: handlers that hang block nothing before that many of them do. */
const prefetch = 500;
/** Nobody waits longer for a handler, in milliseconds: its message is acknowledged. */
const patienceMs = 10_000;

/** One copy's ear: a queue of its own, made again after each reconnect, gone with the connection. */
export class Listening {
  private readonly intake: Intake;
  private readonly known: ReadonlyMap<string, Message>;
  private readonly routingKeys: ReadonlySet<string>;
  private readonly name: string;
  private current: string | undefined;

  constructor(
    private readonly options: ListenOptions,
    private readonly deps: ListeningDeps,
  ) {
    this.name = copiesOf(deps.service);
    this.known = new Map(deps.messages.map((message) => [message.type, message]));
    this.routingKeys = new Set(deps.messages.map((message) => message.routingKey));
    this.intake = new Intake({
      queue: this.name,
      prefetch,
      pauseMs: 0,
      logger: deps.logger,
      declare: deps.declare,
      make: (channel) => makeCopyQueue(channel, deps.service, options.keys),
      opened: (queue) => this.opened(queue),
      take: (message, channel) => void this.take(message, channel),
    });
  }

  /** The queue that is listened at; undefined while there is none. */
  get queue(): string | undefined {
    return this.intake.reading ? this.current : undefined;
  }

  up(model: ChannelModel): void {
    this.intake.up(model);
  }

  down(): void {
    this.intake.down();
  }

  /** Hears no more; the queue goes. */
  async stop(): Promise<void> {
    this.deps.stopped(this);
    await this.intake.stop();
    await this.intake.close();
  }

  private opened(queue: string): void {
    this.current = queue;
    const { onOpen } = this.options;
    if (onOpen) void this.guarded(() => onOpen(queue), { queue });
  }

  private async take(message: ConsumeMessage, channel: Channel): Promise<void> {
    const { routingKey } = message.fields;
    const outcome = await this.guarded(() => this.options.handle(this.heard(message)), { routingKey });
    // Anybody may invent routing keys; a label for each would fill the metrics.
    const label = this.routingKeys.has(routingKey) ? routingKey : 'other';
    this.deps.tally.count('consumed', { queue: this.name, message: label, outcome });
    this.intake.ack(message, channel);
  }

  private heard(message: ConsumeMessage): Heard {
    const envelope = fromProperties(message.properties);
    const data = bodyOf(message);
    const known = this.known.get(envelope.type);
    const parsed = known?.schema.safeParse(data);
    const problem = known && parsed?.error ? invalid(known, data).message : undefined;
    return { ...envelope, routingKey: message.fields.routingKey, message: known, data, problem };
  }

  private async guarded(work: () => unknown, about: object): Promise<'done' | 'failed'> {
    try {
      const result = work();
      if (result instanceof Promise) await inTime(result);
      return 'done';
    } catch (thrown) {
      const err = toAppError(thrown);
      this.deps.logger.error({ ...about, code: err.code, err }, 'what this copy heard was not handled');
      return 'failed';
    }
  }
}

/** Ends with `work`, or when nobody waits for it any more. */
async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs).unref();
  });
  await Promise.race([work, enough]).finally(() => clearTimeout(timer));
}
