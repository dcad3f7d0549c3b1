import type { Message } from '#contracts';
import { withoutSealed } from './unsealed.js';

/** An event as a subscription's receiver gets it. */
export interface SubscriptionEvent {
  /** CloudEvents id; the receiver's `webhook-id`. */
  readonly id: string;
  /** As in the list of messages. */
  readonly name: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  /** A CloudEvent as structured JSON (CloudEvents 1.0, JSON format). */
  readonly body: string;
}

/** What is known of an event besides what it says. */
export interface EventAttributes {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly time: string;
  readonly correlationId: string | undefined;
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
}

/** The event as subscribers get it. */
export function subscriptionEvent(
  { name }: Pick<Message, 'name'>,
  attributes: EventAttributes,
  data: unknown,
): SubscriptionEvent {
  const { id, source, type, subject, time, correlationId, causationId, traceparent } = attributes;
  // Extension attributes are lower-case letters and digits (CloudEvents 1.0, 3.1).
  const cloudEvent = {
    specversion: '1.0',
    id,
    source,
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    correlationid: correlationId,
    causationid: causationId,
    traceparent,
    data: withoutSealed(data),
  };
  return { id, name, type, time, body: JSON.stringify(cloudEvent) };
}

/**
 * Whether an event came in through a webhook source as one of Slipway's own: a subscription that sends to a source of
 * the same house would hear itself without end.
 */
export const isEcho = (name: string, data: unknown): boolean =>
  name === 'webhook.received' && isRecord(data) && String(data['type']).startsWith('org.slipway.');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
