import type { Bus } from '#bus';
import { temporary } from '#errors';
import type { ServerResponse } from 'node:http';
import { eventMatcher } from '../domain/event-patterns.js';
import { withoutSealed } from '../domain/unsealed.js';
import { EventRing, type ToldEvent } from './event-ring.js';
import { EventStream } from './event-stream.js';

/** How much readers of `GET /events` may cost this copy of the registry. */
export interface LiveEventsOptions {
  readonly bus: Pick<Bus, 'listen'>;
  /** Readers of one copy at most. */
  readonly readers: number;
  /** Bytes that may wait for a reader that is slow. */
  readonly patienceBytes: number;
  readonly heartbeatMs: number;
  /** A stream ends after this long; who still may comes back and misses nothing. */
  readonly longestMs: number;
}

type Heard = Parameters<Parameters<Bus['listen']>[0]['handle']>[0];

/** Everything that is said on the bus, to whoever follows it over HTTP. Each copy hears it all. */
export class LiveEvents {
  private readonly ring = new EventRing({ events: 2_000, characters: 8_000_000 });
  private readonly streams = new Set<EventStream>();
  private readonly heartbeat: NodeJS.Timeout;
  private listening: ReturnType<Bus['listen']> | undefined;
  private hasOpened = false;

  constructor(private readonly options: LiveEventsOptions) {
    this.heartbeat = setInterval(() => {
      for (const stream of this.streams) stream.beat();
    }, options.heartbeatMs).unref();
  }

  get readers(): number {
    return this.streams.size;
  }

  start(): void {
    this.listening = this.options.bus.listen({
      keys: ['#'],
      handle: (heard) => this.hear(heard),
      onOpen: () => this.opened(),
    });
  }

  /** @throws temporary `events.too_many_readers` */
  refuseWhenFull(): void {
    if (this.streams.size < this.options.readers) return;
    const text = `${this.streams.size} readers follow the events of this copy already`;
    throw temporary('events.too_many_readers', text, { level: 'info', retryAfterSeconds: 30 });
  }

  /** Tells this reader from now on; from that event on where it is still known. */
  follow(response: ServerResponse, patterns: readonly string[], after: string | undefined): void {
    const stream = new EventStream(response, eventMatcher(patterns), this.options.patienceBytes);
    const end = setTimeout(() => stream.end(), this.options.longestMs).unref();
    response.once('close', () => {
      clearTimeout(end);
      this.streams.delete(stream);
    });
    response.on('error', () => undefined);
    stream.open();
    const missed = after === undefined ? [] : this.ring.after(after);
    if (missed === undefined) stream.tellGap();
    for (const event of missed ?? []) stream.tell(event);
    this.streams.add(stream);
  }

  /** Ends all streams, so that the server can end. */
  async stop(): Promise<void> {
    clearInterval(this.heartbeat);
    for (const stream of this.streams) stream.end();
    await this.listening?.stop();
  }

  private hear({ id, type, subject, time, routingKey, message, data }: Heard): void {
    const name = message?.name ?? routingKey.replace(/\.v\d+$/, '');
    const event: ToldEvent = {
      id,
      name: name.replaceAll(/[\r\n\0]/g, ''),
      data: JSON.stringify({ id, type, subject, time, data: withoutSealed(data) }),
    };
    this.ring.add(event);
    for (const stream of this.streams) stream.tell(event);
  }

  /** At first there is nobody who missed anything; later, what was said meanwhile was not heard. */
  private opened(): void {
    if (this.hasOpened) {
      this.ring.clear();
      for (const stream of this.streams) stream.tellGap();
    }
    this.hasOpened = true;
  }
}
