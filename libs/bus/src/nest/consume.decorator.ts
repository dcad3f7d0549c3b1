import type { Message, PayloadOf, Queue } from '#contracts';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants.js';
import type { HandlerContext } from '../handler.js';
import type { Policy } from '../policy.js';

/** The transport that `@Consume` handlers belong to; keeps them apart from other transports in the same process. */
export const BUS_TRANSPORT = Symbol('slipway.bus');

/** What `@Consume` leaves on a handler for `BusServer`. */
export interface ConsumeExtras {
  readonly queue: Queue;
  readonly message: Message;
  readonly policy: Policy;
}

type ConsumeMethod<M extends Message> = (payload: PayloadOf<M>, context: HandlerContext) => unknown;

/**
 * Makes a controller's method the handler of one message of one queue: `(payload, context) => Promise<void>`. The
 * payload is validated before; parameters need no decorators. Two methods for the same message of the same queue, or
 * none, and the service does not boot.
 */
export function Consume<M extends Message>(queue: Queue, message: M, policy: Policy) {
  const extras: ConsumeExtras = { queue, message, policy };
  return <F extends ConsumeMethod<M>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<F>,
  ): void => {
    // By default Nest hands a handler its payload alone. Who decorates parameters (for pipes) decides for himself.
    if (Reflect.getMetadata(PARAM_ARGS_METADATA, target.constructor, key) === undefined) {
      Payload()(target, key, 0);
      Ctx()(target, key, 1);
    }
    const mark = EventPattern(`${queue.name}|${message.type}`, BUS_TRANSPORT, {
      ...extras,
    }) as MethodDecorator;
    mark(target, key, descriptor);
  };
}
