import type { Message, PayloadOf, Queue } from '#contracts';
import { permanent } from '#errors';
import type { ConsumeMessage } from 'amqplib';
import { isUtf8 } from 'node:buffer';
import { invalid } from './announcer.js';
import { attemptOf, type Envelope } from './envelope.js';
import type { Policy } from './policy.js';

/** What a handler is told about the message besides its payload. */
export interface HandlerContext {
  /** CloudEvents id: the same for every delivery of the message. What was done for it once need not be done again. */
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string | undefined;
  /** RFC 3339: when it happened. */
  readonly time: string;
  readonly correlationId: string | undefined;
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
  readonly queue: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** True where the broker delivered it before and heard no answer: the work may have been done already. */
  readonly redelivered: boolean;
  /** Aborted when the handler's time is over; nobody waits for it any more then. */
  readonly signal: AbortSignal;
}

/**
 * Handles one kind of message from one queue.
 *
 * It must bear the same message twice: delivery is at least once. It resolves when the work is committed; a thrown
 * `AppError` decides the message's fate (temporary: tried again by the policy; permanent: dead letter).
 */
export interface Handler<M extends Message = Message> {
  readonly message: M;
  readonly policy: Policy;
  handle(payload: PayloadOf<M>, context: HandlerContext): Promise<unknown>;
}

/** What to pass to `publish` for a message that answers the one being handled. */
export function causedBy(context: HandlerContext): {
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent: string | undefined;
} {
  return {
    correlationId: context.correlationId ?? context.id,
    causationId: context.id,
    traceparent: context.traceparent,
  };
}

/** One delivery that a handler works on. */
export class Delivery implements HandlerContext {
  readonly attempt: number;
  private controller: AbortController | undefined;

  constructor(
    private readonly envelope: Envelope,
    message: ConsumeMessage,
    readonly queue: string,
    readonly redelivered: boolean,
  ) {
    this.attempt = attemptOf(message.properties.headers);
  }

  get id(): string {
    return this.envelope.id;
  }
  get type(): string {
    return this.envelope.type;
  }
  get source(): string {
    return this.envelope.source;
  }
  get subject(): string | undefined {
    return this.envelope.subject;
  }
  get time(): string {
    return this.envelope.time;
  }
  get correlationId(): string | undefined {
    return this.envelope.correlationId;
  }
  get causationId(): string | undefined {
    return this.envelope.causationId;
  }
  get traceparent(): string | undefined {
    return this.envelope.traceparent;
  }
  // Made when asked for: most handlers are done long before anybody would need it.
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.controller ??= new AbortController();
    this.controller.abort(reason);
  }
}

/** The handlers of a queue by CloudEvents type. */
export type Handlers = ReadonlyMap<string, Handler>;

/** Throws permanent `bus.handlers` unless every message that the queue hears has exactly one handler. */
export function handlersOf(queue: Queue, handlers: readonly Handler[]): Handlers {
  const byType = new Map<string, Handler>();
  for (const handler of handlers) {
    const { type, routingKey } = handler.message;
    if (!queue.hears.some((message) => message.type === type)) {
      throw wrong(queue, `has a handler for ${routingKey}, which it does not hear`);
    }
    if (byType.has(type)) throw wrong(queue, `has more than one handler for ${routingKey}`);
    byType.set(type, handler);
  }
  const missing = queue.hears.filter((message) => !byType.has(message.type)).map((m) => m.routingKey);
  if (missing.length > 0) throw wrong(queue, `has no handler for ${missing.join(', ')}`);
  return byType;
}

const wrong = (queue: Queue, text: string): Error =>
  permanent('bus.handlers', `queue "${queue.name}" ${text}`, { subject: queue.name });

/** The message's handler. Throws permanent `bus.unknown_type`. */
export function handlerFor(handlers: Handlers, envelope: Envelope): Handler {
  const handler = handlers.get(envelope.type);
  if (handler) return handler;
  throw permanent('bus.unknown_type', `nobody handles ${envelope.type} here`, { subject: envelope.type });
}

/** The validated payload. Throws permanent `bus.undecodable` or `bus.invalid_message`. */
export function payloadOf(handler: Handler, message: ConsumeMessage): unknown {
  const body = bodyOf(message);
  const parsed = handler.message.schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(handler.message, body);
}

/** The body as JSON. Throws permanent `bus.undecodable`. */
export function bodyOf(message: ConsumeMessage): unknown {
  const contentType: unknown = message.properties.contentType;
  if (contentType !== 'application/json' && !isJsonType(contentType)) {
    throw permanent('bus.undecodable', `content type ${String(contentType)} is not JSON`);
  }
  if (!isUtf8(message.content)) throw permanent('bus.undecodable', 'the body is not UTF-8');
  try {
    return JSON.parse(message.content.toString('utf8')) as unknown;
  } catch (cause) {
    throw permanent('bus.undecodable', 'the body is not JSON', { cause });
  }
}

const isJsonType = (value: unknown): boolean =>
  typeof value === 'string' && /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(value);
