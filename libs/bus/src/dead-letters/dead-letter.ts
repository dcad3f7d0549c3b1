import type { GetMessage } from 'amqplib';
import { attemptOf, header, type Headers } from '../envelope.js';

/** A message that was given up, as people need to see it. */
export interface DeadLetter {
  /** CloudEvents id; the AMQP message id where it is no CloudEvent. */
  readonly id: string;
  readonly type: string | undefined;
  readonly subject: string | undefined;
  /** Who said it. */
  readonly source: string | undefined;
  /** The queue whose consumers gave up; undefined for what was never routed. */
  readonly queue: string | undefined;
  /**
   * By a consumer: `permanent`, `exhausted`, `crashed`, `invalid`, `undecodable`, `unknown_type`. By the broker:
   * `delivery_limit` (its consumers died before they could even put it aside), `unrouted`.
   */
  readonly reason: string;
  /** Stable code of the error that decided. */
  readonly code: string | undefined;
  /** The error's words. */
  readonly message: string | undefined;
  readonly attempt: number;
  /** RFC 3339: when it was given up. */
  readonly at: string | undefined;
  readonly correlationId: string | undefined;
  /** Where it was first published to. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Size of the payload. */
  readonly bytes: number;
}

interface BrokerDeath {
  readonly reason?: unknown;
  readonly queue?: unknown;
  readonly exchange?: unknown;
  readonly 'routing-keys'?: unknown;
  readonly time?: { readonly value?: unknown };
}

/** Reads a dead letter: why it died stands in a header of ours, or in the broker's `x-death`. */
export function deadLetterOf(message: GetMessage): DeadLetter {
  const headers: Headers = message.properties.headers ?? {};
  const own = text(headers[header.deadReason]);
  const death = own === undefined ? lastDeath(headers) : undefined;
  const keys: unknown = death?.['routing-keys'];
  return {
    id: text(headers[header.id]) ?? text(message.properties.messageId) ?? '',
    type: text(headers[header.type]),
    subject: text(headers[header.subject]),
    source: text(headers[header.source]),
    queue: text(headers[header.deadQueue]) ?? text(death?.queue)?.replace(/\.suspects$/, ''),
    reason: own ?? text(death?.reason) ?? 'unrouted',
    code: text(headers[header.deadCode]),
    message: text(headers[header.deadMessage]),
    attempt: attemptOf(headers),
    at: text(headers[header.deadTime]) ?? timeOf(death),
    correlationId: text(headers[header.correlationId]),
    exchange: text(headers[header.exchange]) ?? text(death?.exchange) ?? message.fields.exchange,
    routingKey:
      text(headers[header.routingKey]) ??
      (Array.isArray(keys) ? text(keys[0]) : undefined) ??
      message.fields.routingKey,
    bytes: message.content.length,
  };
}

/** The headers for a fresh start: what the consumers and the broker noted on the way is gone, who said it what stays. */
export function afresh(headers: Headers | undefined): Headers {
  const noted = new Set<string>([
    header.attempt,
    header.crashes,
    header.deadQueue,
    header.deadReason,
    header.deadCode,
    header.deadMessage,
    header.deadTime,
  ]);
  return Object.fromEntries(
    Object.entries(headers ?? {}).filter(([name]) => !noted.has(name) && !name.startsWith('x-')),
  );
}

function lastDeath(headers: Headers): BrokerDeath | undefined {
  const deaths = headers['x-death'];
  return Array.isArray(deaths) ? (deaths[0] as BrokerDeath) : undefined;
}

function timeOf(death: BrokerDeath | undefined): string | undefined {
  const seconds = death?.time?.value;
  return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
