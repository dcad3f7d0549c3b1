import { z } from 'zod';
import { exchanges, type Message, type Queue } from '#contracts';

const bindingVersion = '0.3.0';

/** An AsyncAPI 3.0 document of what goes over the bus, for subscribers in any language. */
export function asyncApi(
  messages: readonly Message[],
  queues: readonly Queue[],
  version: string,
): Readonly<Record<string, unknown>> {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Slipway',
      version,
      description:
        'Messages are CloudEvents 1.0 in AMQP 0-9-1 binary mode: attributes are headers, the body is the payload alone. Delivered at least once: know a message by its cloudEvents_id.',
    },
    defaultContentType: 'application/json',
    channels: byKey(messages, (message) => [message.routingKey, channel(message)]),
    operations: Object.fromEntries([
      ...messages.flatMap((message) =>
        message.saidBy.map((service) => [
          `${service}.says.${message.routingKey}`,
          operation('send', message),
        ]),
      ),
      ...queues.flatMap(({ name, hears }) =>
        hears.map((message) => [`${name}.hears.${message.routingKey}`, operation('receive', message)]),
      ),
    ]),
    components: {
      messages: byKey(messages, (message) => [message.routingKey, component(message)]),
      schemas: { cloudEventHeaders },
    },
  };
}

const byKey = <T>(
  messages: readonly Message[],
  entry: (message: Message) => readonly [string, T],
): Readonly<Record<string, T>> => Object.fromEntries(messages.map(entry));

const exchangeOf = {
  event: exchanges.events,
  command: exchanges.commands,
  answer: exchanges.copies,
} as const;

function channel(message: Message): unknown {
  return {
    address: message.routingKey,
    messages: { [message.routingKey]: { $ref: `#/components/messages/${message.routingKey}` } },
    bindings: {
      amqp: {
        is: 'routingKey',
        exchange: {
          name: exchangeOf[message.kind],
          type: message.kind === 'answer' ? 'direct' : 'topic',
          durable: true,
          autoDelete: false,
        },
        bindingVersion,
      },
    },
  };
}

function operation(action: 'send' | 'receive', message: Message): unknown {
  const channelPath = `#/channels/${message.routingKey}`;
  return {
    action,
    channel: { $ref: channelPath },
    messages: [{ $ref: `${channelPath}/messages/${message.routingKey}` }],
    bindings: { amqp: { ...(action === 'send' ? { deliveryMode: 2 } : { ack: true }), bindingVersion } },
  };
}

function component(message: Message): unknown {
  return {
    name: message.routingKey,
    title: message.name,
    summary: message.means,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/cloudEventHeaders' },
    payload: payloadSchema(message),
    bindings: { amqp: { messageType: message.type, bindingVersion } },
  };
}

/** As it is on the wire. Further fields are allowed: a new optional field keeps the version. */
export function payloadSchema(message: Message): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(message.schema, { io: 'input', target: 'draft-7' });
  return schema;
}

const text = (description: string): unknown => ({ type: 'string', description });

const cloudEventHeaders = {
  type: 'object',
  required: [
    'cloudEvents_specversion',
    'cloudEvents_id',
    'cloudEvents_source',
    'cloudEvents_type',
    'cloudEvents_time',
  ],
  properties: {
    cloudEvents_specversion: { type: 'string', const: '1.0' },
    cloudEvents_id: text('the same for a message that comes twice'),
    cloudEvents_source: text('who said it, e.g. /slipway/webhook-relay'),
    cloudEvents_type: text('org.slipway.<name>.v<version>'),
    cloudEvents_subject: text('what it is about'),
    cloudEvents_time: { ...(text('when it was said, RFC 3339') as object), format: 'date-time' },
    cloudEvents_correlationid: text('the same for everything that one cause set off'),
    cloudEvents_causationid: text('id of the message that this one answers'),
    traceparent: text('W3C Trace Context'),
  },
};
