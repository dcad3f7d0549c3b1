import type { Message, Queue } from '#contracts';
import { permanent } from '#errors';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from '../bus.js';
import { handlersOf, type Handler, type HandlerContext } from '../handler.js';
import type { QueueConsumer } from '../queue-consumer.js';
import { BUS_TRANSPORT, type ConsumeExtras } from './consume.decorator.js';
import type { Policy } from '../policy.js';

interface Registered {
  readonly queue: Queue;
  readonly message: Message;
  readonly policy: Policy;
  readonly callback: MessageHandler;
}

/**
 * Nest's end of the bus: a custom transport strategy. Handlers marked with `@Consume` or `@ConsumeAll` are called with
 * Nest's pipes, guards, interceptors and filters; the error that comes out at the end decides the message's fate.
 */
export class BusServer extends Server implements CustomTransportStrategy {
  override readonly transportId = BUS_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly registered: Registered[] = [];
  private consumers: QueueConsumer[] = [];

  /** `own` are the queues that this service must handle in full. */
  constructor(
    private readonly bus: Bus,
    private readonly own: readonly Queue[],
  ) {
    super();
  }

  // Nest chains a second handler of the same pattern behind the first; here that is a mistake, found in `listen`.
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    super.addHandler(pattern, callback, isEventHandler, extras);
    if (!isConsume(extras)) return;
    const { queue, messages, policy } = extras;
    const message = messages.get(String(pattern));
    if (message) this.registered.push({ queue, message, policy, callback });
  }

  /** Refuses with permanent `bus.handlers` where a queue's message has no handler or several. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const byQueue = this.byQueue();
      for (const [queue, handlers] of byQueue) handlersOf(queue, handlers);
      await this.bus.started();
      this.consumers = [...byQueue].map(([queue, handlers]) => this.bus.consume(queue, handlers));
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** No further messages; resolves when the running handlers are done. The bus itself stays open for publishing. */
  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  override on(): never {
    throw permanent('bus.no_events', 'the bus server has no events; ask Bus.state() or the metrics');
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest's signature
  override unwrap<T>(): T {
    return this.bus as T;
  }

  private byQueue(): Map<Queue, Handler[]> {
    const byQueue = new Map<Queue, Handler[]>(this.own.map((queue) => [queue, []]));
    for (const { queue, message, policy, callback } of this.registered) {
      const handlers = byQueue.get(queue);
      if (!handlers) {
        const text = `queue "${queue.name}" belongs to ${queue.service}: this service may not read it`;
        throw permanent('bus.handlers', text, { subject: queue.name });
      }
      handlers.push({ message, policy, handle: (payload, context) => call(callback, payload, context) });
    }
    return byQueue;
  }
}

/** Nest answers with a promise of the result or of an observable (interceptors, filters). */
async function call(callback: MessageHandler, payload: unknown, context: HandlerContext): Promise<void> {
  const result: unknown = await callback(payload, context);
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}

const isConsume = (extras: object): extras is ConsumeExtras =>
  'queue' in extras && 'messages' in extras && 'policy' in extras;
