import { permanent } from '#errors';
import type { MessageProperties, Options } from 'amqplib';

/**
 * The CloudEvents 1.0 attributes of a message, as carried in AMQP 0-9-1 headers (binary mode: the body is the payload
 * alone), plus the W3C trace context and who caused it.
 */
export interface Envelope {
  readonly id: string;
  /** Who said it, e.g. `/slipway/webhook-relay`. */
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  /** RFC 3339. */
  readonly time: string;
  /** The same for everything that one cause set off. */
  readonly correlationId: string | undefined;
  /** Id of the message that this one answers. */
  readonly causationId: string | undefined;
  /** W3C trace context. */
  readonly traceparent: string | undefined;
}

/** AMQP header names: those of the CloudEvents AMQP binding 1.0, and the bus's own `slipway-…`. */
export const header = {
  specversion: 'cloudEvents_specversion',
  id: 'cloudEvents_id',
  source: 'cloudEvents_source',
  type: 'cloudEvents_type',
  subject: 'cloudEvents_subject',
  time: 'cloudEvents_time',
  correlationId: 'cloudEvents_correlationid',
  causationId: 'cloudEvents_causationid',
  traceparent: 'traceparent',
  /** 1 for the first try. Our own: the broker's `x-death` is forgotten when a client republishes (RabbitMQ 4.0). */
  attempt: 'slipway-attempt',
  /** How often it came back without an answer while it was handled alone, or at first among others. */
  crashes: 'slipway-crashes',
  /** Where the message was first published to, kept over retries and dead-lettering. */
  exchange: 'slipway-exchange',
  routingKey: 'slipway-routing-key',
  deadQueue: 'slipway-dead-queue',
  deadReason: 'slipway-dead-reason',
  deadCode: 'slipway-dead-code',
  deadMessage: 'slipway-dead-message',
  deadTime: 'slipway-dead-time',
} as const;

/** Headers as amqplib hands them over: what stands in a received one is anybody's, to be checked. */
export type Headers = Record<string, unknown>;

/** The AMQP headers that carry an envelope (CloudEvents AMQP binding 1.0, 3.1.3). */
export function toHeaders(envelope: Envelope): Headers {
  const headers: Headers = {
    [header.specversion]: '1.0',
    [header.id]: envelope.id,
    [header.source]: envelope.source,
    [header.type]: envelope.type,
    [header.time]: envelope.time,
  };
  if (envelope.subject !== undefined) headers[header.subject] = envelope.subject;
  if (envelope.correlationId !== undefined) headers[header.correlationId] = envelope.correlationId;
  if (envelope.causationId !== undefined) headers[header.causationId] = envelope.causationId;
  if (envelope.traceparent !== undefined) headers[header.traceparent] = envelope.traceparent;
  return headers;
}

/** Throws permanent `bus.undecodable` where an attribute that CloudEvents demands is missing. */
export function fromProperties(properties: MessageProperties): Envelope {
  const headers: Headers = properties.headers ?? {};
  const id = text(headers[header.id]);
  const source = text(headers[header.source]);
  const type = text(headers[header.type]);
  if (id === undefined || source === undefined || type === undefined) {
    throw permanent('bus.undecodable', 'not a CloudEvent in binary mode: id, source or type is missing');
  }
  return {
    id,
    source,
    type,
    subject: text(headers[header.subject]),
    time: text(headers[header.time]) ?? new Date(0).toISOString(),
    correlationId: text(headers[header.correlationId]),
    causationId: text(headers[header.causationId]),
    traceparent: text(headers[header.traceparent]),
  };
}

/** 1 where the message was never retried. */
export function attemptOf(headers: Headers | undefined): number {
  const value = headers?.[header.attempt];
  return typeof value === 'number' && value >= 1 ? value : 1;
}

/** How often the message came back without an answer; see `header.crashes`. */
export function crashesOf(headers: Headers | undefined): number {
  const value = headers?.[header.crashes];
  return typeof value === 'number' ? value : 0;
}

/** The properties of a received message for publishing it again; what the broker adds on the way is left behind. */
export function again(properties: MessageProperties, more: Headers): Options.Publish {
  const { 'x-delivery-count': _count, ...headers } = (properties.headers ?? {}) as Headers;
  const options: Options.Publish = { persistent: true, mandatory: true, headers: { ...headers, ...more } };
  if (properties.contentType !== undefined) options.contentType = String(properties.contentType);
  if (properties.contentEncoding !== undefined) options.contentEncoding = String(properties.contentEncoding);
  if (properties.messageId !== undefined) options.messageId = String(properties.messageId);
  if (properties.correlationId !== undefined) options.correlationId = String(properties.correlationId);
  if (typeof properties.timestamp === 'number') options.timestamp = properties.timestamp;
  if (properties.type !== undefined) options.type = String(properties.type);
  if (properties.appId !== undefined) options.appId = String(properties.appId);
  return options;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
