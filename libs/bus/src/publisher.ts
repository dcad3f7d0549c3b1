import { temporary, type AppError } from '#errors';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { Envelope } from './envelope.js';
import { HeaderCarrier } from './header-carrier.js';
import type { BusLimits } from './options.js';
import { WriteBatch } from './write-batch.js';

/** One message on its way to the broker. */
class Outgoing {
  /** When it started to wait for what it waits for now: to be sent, or to be confirmed. */
  since = Date.now();
  returned = false;
  settled = false;

  constructor(
    readonly exchange: string,
    readonly routingKey: string,
    readonly content: Buffer,
    readonly options: Options.Publish,
    readonly envelope: Envelope | undefined,
    readonly resolve: () => void,
    readonly reject: (error: AppError) => void,
  ) {}
}

/**
 * Publishes with confirms, many in flight on one channel. What finds no room, no connection or a blocked broker waits
 * in a bounded line. No timer, and no await, per message: one sweep looks after all of them.
 */
export class Publisher {
  private channel: ConfirmChannel | undefined;
  private batch: WriteBatch | undefined;
  private readonly carrier = new HeaderCarrier();
  private readonly inFlight = new Set<Outgoing>();
  private readonly waiting = new Set<Outgoing>();
  private bytes = 0;
  private blockedBy: string | undefined;
  private downBecause = 'not connected yet';
  /** Since when nothing can be sent; undefined while it can. */
  private stuckSince: number | undefined = Date.now();
  private closed = false;
  private idle: (() => void) | undefined;
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly limits: BusLimits) {
    this.sweeper = setInterval(() => this.sweep(Date.now()), Math.min(200, limits.sendMs / 4)).unref();
  }

  get inFlightCount(): number {
    return this.inFlight.size;
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  /**
   * Resolves when the broker has confirmed the message. Rejects with temporary `bus.unavailable` (the text says
   * whether it was sent, so whether the broker may have it all the same) or temporary `bus.unroutable`.
   * @param envelope becomes the headers, in place of those that the options have
   */
  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: Options.Publish,
    envelope?: Envelope,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const out = new Outgoing(exchange, routingKey, content, options, envelope, resolve, reject);
      if (this.closed) reject(unavailable('the bus is closed; not sent'));
      else if (this.canSend() && this.waiting.size === 0) this.send(out);
      else this.wait(out);
    });
  }

  /** A fresh channel: what waits is sent. */
  open(channel: ConfirmChannel): void {
    this.channel = channel;
    this.batch = new WriteBatch(channel.connection);
    channel.on('return', (message) => this.noteReturn(message));
    this.unstick();
  }

  /** The channel is gone: what was sent may or may not have arrived. */
  lost(reason: AppError): void {
    this.channel = undefined;
    this.blockedBy = undefined;
    this.downBecause = reason.message;
    this.stuckSince ??= Date.now();
    for (const out of this.inFlight) {
      this.settle(
        out,
        unavailable(`the connection broke before the confirm; ${unknownOutcome} (${reason.message})`),
      );
    }
  }

  /** The broker asks publishers to stop (memory or disk alarm), or, with undefined, to go on. */
  setBlocked(reason: string | undefined): void {
    this.blockedBy = reason;
    if (reason === undefined) this.unstick();
    else this.stuckSince ??= Date.now();
  }

  get blockedReason(): string | undefined {
    return this.blockedBy;
  }

  /** Takes no more, and resolves when everything taken is settled: confirmed, refused, or its time over. */
  async flush(): Promise<void> {
    this.closed = true;
    if (!this.isIdle()) await new Promise<void>((resolve) => (this.idle = resolve));
    clearInterval(this.sweeper);
  }

  private isIdle(): boolean {
    if (this.waiting.size > 0) return false;
    for (const out of this.inFlight) if (!out.settled) return false;
    return true;
  }

  private canSend(): boolean {
    return (
      this.channel !== undefined &&
      this.blockedBy === undefined &&
      this.inFlight.size < this.limits.inFlight &&
      (this.bytes < this.limits.inFlightBytes || this.inFlight.size === 0)
    );
  }

  private wait(out: Outgoing): void {
    if (this.waiting.size >= this.limits.waiting) {
      return out.reject(unavailable(`${this.waiting.size} messages wait already; not sent`));
    }
    // Whoever publishes in a long outage learns it at once instead of after the full wait.
    if (this.stuckSince !== undefined && Date.now() - this.stuckSince >= this.limits.sendMs) {
      return out.reject(unavailable(`${this.stuckWords()}; not sent`));
    }
    this.waiting.add(out);
  }

  private send(out: Outgoing): void {
    out.since = Date.now();
    this.inFlight.add(out);
    this.bytes += out.content.length;
    const { options, envelope } = out;
    if (envelope) options.headers = this.carrier.load(envelope);
    try {
      this.channel?.publish(out.exchange, out.routingKey, out.content, options, (error: unknown) => {
        if (error) this.confirmed(out, unavailable(`the broker did not confirm: ${refusal(error)}`));
        else if (out.returned)
          this.confirmed(out, unroutable(`no queue takes ${out.routingKey} from ${out.exchange}`));
        else this.confirmed(out, undefined);
      });
      this.batch?.add();
    } catch (error) {
      // The channel closes itself a moment before its event tells so.
      this.confirmed(out, unavailable(`the channel is closed; not sent (${String(error)})`));
    }
  }

  private confirmed(out: Outgoing, error: AppError | undefined): void {
    if (!this.inFlight.has(out)) return;
    this.settle(out, error);
    if (this.waiting.size > 0) this.sendWaiting();
  }

  private settle(out: Outgoing, error: AppError | undefined): void {
    if (this.inFlight.delete(out)) this.bytes -= out.content.length;
    else this.waiting.delete(out);
    if (!out.settled) {
      out.settled = true;
      if (error) out.reject(error);
      else out.resolve();
    }
    if (this.idle && this.isIdle()) this.idle();
  }

  private unstick(): void {
    if (this.channel === undefined || this.blockedBy !== undefined) return;
    this.stuckSince = undefined;
    this.sendWaiting();
  }

  private sendWaiting(): void {
    for (const out of this.waiting) {
      if (!this.canSend()) return;
      this.waiting.delete(out);
      this.send(out);
    }
  }

  /** A `return` comes before the confirm of the same message, so the confirm finds it marked. */
  private noteReturn(message: Message): void {
    const id: unknown = message.properties.messageId;
    for (const out of this.inFlight) {
      if (!out.returned && out.options.messageId === id && out.routingKey === message.fields.routingKey) {
        out.returned = true;
        return;
      }
    }
  }

  private sweep(now: number): void {
    // Both sets are in the order of their waiting, so the first that still has time ends the search.
    for (const out of this.waiting) {
      if (now - out.since < this.limits.sendMs) break;
      this.settle(out, unavailable(`${this.stuckWords()}; not sent`));
    }
    for (const out of this.inFlight) {
      if (now - out.since < this.limits.confirmMs) break;
      if (out.settled) continue;
      // It stays in flight, and in the way of others, until the broker answers or the channel ends.
      out.settled = true;
      out.reject(unavailable(`no confirm within ${this.limits.confirmMs / 1000} s; ${unknownOutcome}`));
    }
    if (this.idle && this.isIdle()) this.idle();
  }

  private stuckWords(): string {
    if (this.blockedBy !== undefined) return `the broker takes no messages: ${this.blockedBy}`;
    if (this.channel === undefined) return `no connection to the broker: ${this.downBecause}`;
    return `${this.inFlight.size} messages are unconfirmed, no room for more`;
  }
}

const unknownOutcome =
  'the outcome is unknown: the broker may have the message. Publish it again with the same id';

const unavailable = (text: string): AppError => temporary('bus.unavailable', text);

const unroutable = (text: string): AppError => temporary('bus.unroutable', text);

/** A nack means a full queue or a failing one; anything else is a channel that ended. */
function refusal(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text === 'message nacked' ? 'a queue is full or failing' : `${text}; ${unknownOutcome}`;
}
