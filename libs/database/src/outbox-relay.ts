import { messages, type Message } from '#contracts';
import { permanent, toAppError } from '#errors';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';

/** The bus, as far as the outbox needs it: resolves when the broker has confirmed. */
export interface OutboxPublisher {
  publish(
    message: Message,
    payload: unknown,
    options: { id: string; time: Date; correlationId?: string; causationId?: string; traceparent?: string },
  ): Promise<void>;
}

/** What the relay sends from, and to. */
export interface OutboxRelayOptions {
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: { warn(fields: object, text: string): void };
  /** Looks for messages of copies that died at this interval, in milliseconds; 1000 unless told. */
  readonly intervalMs?: number;
}

/** Whoever speaks now may have looked before our commit: look again after this time, in milliseconds. */
const standbyMs = 50;

/** A thousand jobs' events leave as one: what waits for the batch before it is heard later. */
const mostAtOnce = 1_000;
/** A payload may be megabytes: as PostgreSQL keeps them, which is compressed. */
const mostBytesAtOnce = 4 * 2 ** 20;

/** The broker works on these while the next ones are encoded. */
const encodedAtOnce = 64;

interface OutboxRow {
  readonly position: string;
  readonly id: string;
  readonly routing_key: string;
  readonly payload: unknown;
  readonly correlation_id: string | null;
  readonly causation_id: string | null;
  readonly traceparent: string | null;
  readonly occurred_at: Date;
  readonly bytes: number;
}

const byRoutingKey = new Map(messages.map((message) => [message.routingKey, message]));

/**
 * Says what stands in the outbox, in order, and strikes it out once the broker has confirmed. Dying in between says a
 * message again under the same id. One copy speaks at a time; the others stand by.
 */
export class OutboxRelay {
  private timer: NodeJS.Timeout | undefined;
  private standby: NodeJS.Timeout | undefined;
  private later: NodeJS.Timeout | undefined;
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
    clearTimeout(this.later);
    this.later = undefined;
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

  /** Something was committed that others need not hear before other work is begun: said after `ms` at the latest. */
  wakeWithin(ms: number): void {
    this.later ??= setTimeout(() => this.wake(), ms).unref();
  }

  /** Says what can be said at once, then stops. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.standby);
    clearTimeout(this.later);
    await this.running;
    this.closed = true;
    await this.running;
    await this.drain();
  }

  private async drain(): Promise<void> {
    try {
      while (await this.options.dataSource.transaction((manager) => this.sayBatch(manager)));
    } catch (thrown) {
      const error = toAppError(thrown);
      this.options.log.warn({ code: error.code, err: error.message }, 'the outbox waits');
    }
  }

  /** @returns whether there may be more */
  private async sayBatch(manager: EntityManager): Promise<boolean> {
    // A lock on the whole outbox keeps the order over all copies; whoever does not get it has nothing to do.
    const [lock] = await manager.query<{ held: boolean }[]>(
      `select pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox')) as held`,
    );
    if (!lock?.held) {
      this.lookAgain();
      return false;
    }
    const batch = await takeBatch(manager);
    await this.sayAll(batch);
    const bytes = batch.reduce((sum, row) => sum + row.bytes, 0);
    return batch.length === mostAtOnce || bytes >= mostBytesAtOnce;
  }

  private async sayAll(batch: readonly OutboxRow[]): Promise<void> {
    const said: Promise<void>[] = [];
    for (const row of batch) {
      const one = this.say(row);
      // It may fail before the last one is said: that is heard below.
      one.catch(() => undefined);
      if (said.push(one) % encodedAtOnce === 0) await othersTurn();
    }
    await Promise.all(said);
  }

  private lookAgain(): void {
    clearTimeout(this.standby);
    this.standby = setTimeout(() => this.wake(), standbyMs).unref();
  }

  private say(row: OutboxRow): Promise<void> {
    const message = byRoutingKey.get(row.routing_key);
    if (!message)
      throw permanent('outbox.unknown_message', `${row.routing_key} is not a message of this version`);
    return this.options.bus.publish(message, row.payload, {
      id: row.id,
      time: row.occurred_at,
      ...(row.correlation_id !== null && { correlationId: row.correlation_id }),
      ...(row.causation_id !== null && { causationId: row.causation_id }),
      ...(row.traceparent !== null && { traceparent: row.traceparent }),
    });
  }
}

/** The next messages in their order, struck out; they stay where the transaction does not commit. */
async function takeBatch(manager: EntityManager): Promise<readonly OutboxRow[]> {
  const [rows] = await manager.query<[OutboxRow[], number]>(
    `delete from outbox using (
       select position, size, sum(size) over (order by position) as bytes
       from (select position, pg_column_size(payload) as size from outbox order by position limit $1) as first
     ) as next
     where outbox.position = next.position and bytes - size < $2
     returning outbox.position, id, routing_key, payload, correlation_id, causation_id, traceparent, occurred_at,
       size as bytes`,
    [mostAtOnce, mostBytesAtOnce],
  );
  return rows.sort((a, b) => Number(a.position) - Number(b.position));
}
