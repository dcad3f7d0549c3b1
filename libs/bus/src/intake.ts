import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { explained } from './declare.js';
import { backOff } from './link.js';
import type { BusLogger } from './options.js';
import { WriteBatch } from './write-batch.js';

/** One queue to read, and who takes its messages; `take` sees to the acknowledgement itself. */
export interface IntakeOptions {
  readonly queue: string;
  /** Makes the queue on the channel that will read it, and tells its name: for one that ends with the connection. */
  readonly make?: (channel: Channel) => Promise<string>;
  /** Called each time that reading has begun. */
  readonly opened?: (queue: string) => void;
  readonly prefetch: number;
  /** Pause before the first read after each connect, in milliseconds. */
  readonly pauseMs: number;
  readonly logger: BusLogger;
  /** Makes sure that the queue exists. */
  readonly declare: () => Promise<void>;
  readonly take: (message: ConsumeMessage, channel: Channel) => void;
}

const longestPauseMs = 3_000;

/**
 * Reads one queue on a channel of its own. A consumer that the broker cancels (queue deleted, node gone) and a channel
 * that it closes are noticed and set up again; amqplib by itself would stay silent.
 */
export class Intake {
  private model: ChannelModel | undefined;
  private channel: Channel | undefined;
  private tag: string | undefined;
  private batch: WriteBatch | undefined;
  private stopped = false;

  constructor(private readonly options: IntakeOptions) {}

  get reading(): boolean {
    return this.tag !== undefined;
  }

  /** True while messages that came on this channel can still be acknowledged. */
  isCurrent(channel: Channel): boolean {
    return this.channel === channel;
  }

  /** Acknowledges a message that came on this channel; nothing where the channel is gone: then it comes again. */
  ack(message: ConsumeMessage, channel: Channel): void {
    if (!this.isCurrent(channel)) return;
    try {
      channel.ack(message);
      this.batch?.add();
    } catch {
      // The channel closed a moment ago, and its event has not come yet.
    }
  }

  up(model: ChannelModel): void {
    if (this.model === model) return;
    this.model = model;
    void this.keepReading(model);
  }

  down(): void {
    this.model = this.channel = this.tag = undefined;
  }

  /** No further messages; those taken can still be acknowledged until `close`. */
  async stop(): Promise<void> {
    this.stopped = true;
    const { tag, channel } = this;
    this.tag = undefined;
    if (channel && tag !== undefined) await channel.cancel(tag).catch(() => {});
  }

  /** Whatever is not acknowledged by now goes back to the queue. */
  async close(): Promise<void> {
    const { channel } = this;
    this.model = this.channel = undefined;
    await channel?.close().catch(() => {});
  }

  private async keepReading(model: ChannelModel): Promise<void> {
    const { queue, logger, pauseMs } = this.options;
    const wanted = (): boolean => this.model === model && !this.stopped;
    await pause(pauseMs);
    for (let failures = 0; wanted(); failures++) {
      const since = Date.now();
      try {
        if (failures > 0) await this.options.declare();
        const why = await this.read(model);
        if (wanted()) logger.warn({ queue, reason: why }, 'the broker stopped the consumer; consuming again');
      } catch (error) {
        const { message: reason, code } = explained(error);
        if (wanted()) logger.error({ queue, reason, code }, 'the queue cannot be read; trying again');
      }
      if (Date.now() - since > 30_000) failures = 0;
      if (wanted()) await pause(Math.min(longestPauseMs, backOff(failures + 1)));
    }
  }

  /** Resolves with the reason when the consumer is no more. */
  private async read(model: ChannelModel): Promise<string> {
    const channel = await model.createChannel();
    try {
      return await new Promise<string>((resolve, reject) => {
        let reason = 'the channel was closed';
        channel.on('error', (error) => (reason = error.message));
        channel.on('close', () => resolve(reason));
        this.consume(channel, () => resolve('the queue was deleted or moved')).catch(reject);
      });
    } finally {
      if (!this.stopped) {
        if (this.channel === channel) this.channel = this.tag = undefined;
        void channel.close().catch(() => {});
      }
    }
  }

  private async consume(channel: Channel, cancelled: () => void): Promise<void> {
    this.channel = channel;
    this.batch = new WriteBatch(channel.connection);
    await channel.prefetch(this.options.prefetch);
    const queue = (await this.options.make?.(channel)) ?? this.options.queue;
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message === null) cancelled();
      else if (!this.stopped) this.options.take(message, channel);
    });
    if (this.stopped) await channel.cancel(consumerTag);
    else if (this.channel === channel) {
      this.tag = consumerTag;
      this.options.opened?.(queue);
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());
