import type { Message, PayloadOf, Queue } from '#contracts';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants.js';
import type { HandlerContext } from '../handler.js';
import type { Policy } from '../policy.js';

/** The transport that `@Consume` handlers belong to; keeps them apart from other transports in the same process. */
export const BUS_TRANSPORT = Symbol('slipway.bus');

/** What `@Consume` and `@ConsumeAll` leave on a handler for `BusServer`. */
export interface ConsumeExtras {
  readonly queue: Queue;
  /** By the pattern under which Nest registers the handler. */
  readonly messages: ReadonlyMap<string, Message>;
  readonly policy: Policy;
}

type ConsumeMethod<M extends Message> = (payload: PayloadOf<M>, context: HandlerContext) => unknown;

/**
 * Makes a controller's method the handler of one message of one queue: `(payload, context) => Promise<void>`. The
 * payload is validated before; parameters need no decorators. Two methods for the same message of the same queue, or
 * none, and the service does not boot.
 */
export function Consume<M extends Message>(queue: Queue, message: M, policy: Policy) {
  const attach = marking(queue, [message], policy);
  return <F extends ConsumeMethod<M>>(
    target: object,
    key: string,
    method: TypedPropertyDescriptor<F>,
  ): void => attach(target, key, method);
}

/**
 * Makes a controller's method the handler of every message of a queue, those added to it later included; the context's
 * `type` tells which it is.
 */
export function ConsumeAll(queue: Queue, policy: Policy) {
  const attach = marking(queue, queue.hears, policy);
  return <F extends ConsumeMethod<Message>>(
    target: object,
    key: string,
    method: TypedPropertyDescriptor<F>,
  ): void => attach(target, key, method);
}

function marking(queue: Queue, messages: readonly Message[], policy: Policy) {
  const patternOf = ({ type }: Message): string => `${queue.name}|${type}`;
  const byPattern = new Map(messages.map((message) => [patternOf(message), message]));
  const extras: ConsumeExtras = { queue, messages: byPattern, policy };
  const mark: MethodDecorator = EventPattern([...byPattern.keys()], BUS_TRANSPORT, { ...extras });
  return (target: object, key: string, method: PropertyDescriptor): void => {
    // By default Nest hands a handler its payload alone. Who decorates parameters (for pipes) decides for himself.
    if (Reflect.getMetadata(PARAM_ARGS_METADATA, target.constructor, key) === undefined) {
      Payload()(target, key, 0);
      Ctx()(target, key, 1);
    }
    mark(target, key, method);
  };
}
