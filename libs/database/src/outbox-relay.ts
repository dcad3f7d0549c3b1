import { messages, type Message } from '#contracts';
import { permanent, toAppError } from '#errors';
import type { DataSource, EntityManager } from 'typeorm';
import { OutboxMessage } from './outbox-message.entity.js';

/** The bus, as far as the outbox needs it: resolves when the broker has confirmed. */
export interface OutboxPublisher {
  publish(
    message: Message,
    payload: unknown,
    options: { id: string; time: Date; correlationId?: string; causationId?: string; traceparent?: string },
  ): Promise<void>;
}

export interface OutboxRelayOptions {
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: { warn(fields: object, text: string): void };
  /** Looks for messages of copies that died at this interval, in milliseconds; 1000 unless told. */
  readonly intervalMs?: number;
}

/** Whoever speaks now may have looked before our commit: look again after this time, in milliseconds. */
const standbyMs = 50;

const batchSize = 200;
const byRoutingKey = new Map(messages.map((message) => [message.routingKey, message]));

/**
 * Says what stands in the outbox, in order, and strikes it out once the broker has confirmed. Dying in between says a
 * message again under the same id. One copy speaks at a time; the others stand by.
 */
export class OutboxRelay {
  private timer: NodeJS.Timeout | undefined;
  private standby: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(private readonly options: OutboxRelayOptions) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), this.options.intervalMs ?? 1000);
    this.timer.unref();
    this.wake();
  }

  /** Something was committed: say it now rather than at the next interval. */
  wake(): void {
    if (this.closed) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.drain().finally(() => {
      this.running = undefined;
      if (this.again) {
        this.again = false;
        this.wake();
      }
    });
  }

  /** Says what can be said at once, then stops. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.standby);
    await this.running;
    this.closed = true;
    await this.running;
    await this.drain();
  }

  private async drain(): Promise<void> {
    try {
      while ((await this.options.dataSource.transaction((manager) => this.sayBatch(manager))) === batchSize);
    } catch (thrown) {
      const error = toAppError(thrown);
      this.options.log.warn({ code: error.code, err: error.message }, 'the outbox waits');
    }
  }

  private async sayBatch(manager: EntityManager): Promise<number> {
    // A lock on the whole outbox keeps the order over all copies; whoever does not get it has nothing to do.
    const [lock] = await manager.query<{ held: boolean }[]>(
      `select pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox')) as held`,
    );
    if (!lock?.held) {
      this.lookAgain();
      return 0;
    }
    const batch = await manager.find(OutboxMessage, { order: { position: 'ASC' }, take: batchSize });
    if (batch.length === 0) return 0;
    await Promise.all(batch.map((entry) => this.say(entry)));
    await manager.delete(
      OutboxMessage,
      batch.map((entry) => entry.position),
    );
    return batch.length;
  }

  private lookAgain(): void {
    clearTimeout(this.standby);
    this.standby = setTimeout(() => this.wake(), standbyMs).unref();
  }

  private say(entry: OutboxMessage): Promise<void> {
    const message = byRoutingKey.get(entry.routingKey);
    if (!message)
      throw permanent('outbox.unknown_message', `${entry.routingKey} is not a message of this version`);
    return this.options.bus.publish(message, entry.payload, {
      id: entry.id,
      time: entry.occurredAt,
      ...(entry.correlationId !== null && { correlationId: entry.correlationId }),
      ...(entry.causationId !== null && { causationId: entry.causationId }),
      ...(entry.traceparent !== null && { traceparent: entry.traceparent }),
    });
  }
}
