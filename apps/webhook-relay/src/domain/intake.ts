import type { Message } from '#contracts';
import { temporary, toAppError, type AppError } from '#errors';
import { header, type Unverified } from './delivery.js';
import { eventId } from './event-id.js';
import type { Outcome } from './outcome.js';
import type { Dropped, Parsed, RelayedEvent } from './parsed.js';
import { countingAt } from './secret.js';
import type { Source } from './source.js';

/** Where events go; the bus. Resolves when the broker has confirmed. */
export interface EventPublisher {
  publish(message: Message, payload: unknown, options: PublishedAs): Promise<void>;
}

/** The event's attributes (CloudEvents) that the sender decides: the id is made of its delivery. */
export interface PublishedAs {
  readonly id: string;
  /** ISO 8601. */
  readonly time?: string;
  readonly traceparent?: string;
}

/** Senders should come back soon: most outages of a broker are short, and GitLab counts each failure. */
const retryAfterSeconds = 5;

/**
 * Takes one delivery: verify, parse, publish. Never throws for what a sender may send.
 * @param now milliseconds since the epoch
 */
export async function takeIn(
  source: Source,
  delivery: Unverified,
  publisher: EventPublisher,
  now: number,
  traceparent?: string,
): Promise<Outcome> {
  const { kind, origin } = source;
  const verified = kind.verify(delivery, countingAt(source.secrets, now), origin, now);
  if ('refused' in verified) return { kind: 'refused', reason: verified.refused };
  noteUse(source, delivery, now);
  // After verification: a stranger must not use up what the source may send.
  const wait = source.bucket.take(now);
  if (wait > 0) return { kind: 'too_many', retryAfterSeconds: wait };
  if (!kind.acceptsMediaType(mediaTypeOf(delivery))) return { kind: 'wrong_media_type' };
  const parsed = kind.parse(verified, origin);
  if ('notThisFormat' in parsed) return { kind: 'not_this_format', expected: parsed.notThisFormat };
  return publishAll(source, inScope(source, parsed), publisher, traceparent);
}

/** Says which of the secrets it was that proved the sender. */
function noteUse({ kind, origin, secrets }: Source, delivery: Unverified, now: number): void {
  const counting = countingAt(secrets, now);
  for (const secret of counting) {
    const isIt = (): boolean =>
      counting.length === 1 || !('refused' in kind.verify(delivery, [secret], origin, now));
    if (secret.used && isIt()) secret.used();
  }
}

function mediaTypeOf({ headers }: Unverified): string {
  const type = header(headers, 'content-type') ?? '';
  const end = type.indexOf(';');
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

/** What the source may not speak for is dropped: its secret is worth its own repositories, no others. */
function inScope(source: Source, parsed: Parsed): Parsed {
  const outside = parsed.events.filter(({ about }) => !source.speaksFor(about.path));
  if (outside.length === 0) return parsed;
  return {
    events: parsed.events.filter((event) => !outside.includes(event)),
    dropped: [...parsed.dropped, ...outside.map(outOfScope)],
  };
}

function outOfScope({ about, message }: RelayedEvent): Dropped {
  return {
    reason: 'out_of_scope',
    what: `${message.name} ${about.path ?? 'about no project'}`.slice(0, 200),
  };
}

async function publishAll(
  source: Source,
  { events, dropped }: Parsed,
  publisher: EventPublisher,
  traceparent: string | undefined,
): Promise<Outcome> {
  if (events.length === 0) return { kind: 'accepted', published: 0, dropped };
  const ids = idsOf(source.name, events);
  const errors = await within(
    source.kind.answerWithinMs,
    events.map((event, index) =>
      publisher.publish(event.message, event.payload, {
        id: ids[index] ?? '',
        ...(event.time !== undefined && { time: event.time }),
        ...(traceparent !== undefined && { traceparent }),
      }),
    ),
  );
  const unconfirmed = errors.find((error) => error?.temporary);
  if (unconfirmed) return unavailable(unconfirmed);
  // Permanent: the event does not fit its schema, and would not when sent again.
  const unreadable = errors.flatMap((error, index): Dropped[] =>
    error
      ? [{ reason: 'unreadable', what: `${events[index]?.message.name}: ${error.message}`.slice(0, 200) }]
      : [],
  );
  return {
    kind: 'accepted',
    published: events.length - unreadable.length,
    dropped: unreadable.length === 0 ? dropped : [...dropped, ...unreadable],
  };
}

/**
 * Each event's id. Counted among the events of the same key alone: an event that comes again in other company is still
 * the same event.
 */
function idsOf(source: string, events: readonly RelayedEvent[]): readonly string[] {
  const seen = new Map<string, number>();
  return events.map(({ key }) => {
    const place = seen.get(key) ?? 0;
    seen.set(key, place + 1);
    return eventId(source, key, place);
  });
}

/**
 * What became of each, an error or nothing. The bus may wait longer for its broker than the sender waits for us: then
 * there is one error, for all.
 */
function within(
  milliseconds: number,
  publishing: readonly Promise<void>[],
): Promise<readonly (AppError | undefined)[]> {
  return new Promise((resolve) => {
    const errors: (AppError | undefined)[] = publishing.map(() => undefined);
    let missing = publishing.length;
    const timer = setTimeout(
      () => resolve([temporary('relay.too_slow', `no confirm within ${milliseconds} ms`)]),
      milliseconds,
    );
    const settle = (): void => {
      missing -= 1;
      if (missing > 0) return;
      clearTimeout(timer);
      resolve(errors);
    };
    publishing.forEach((one, index) => {
      one.then(settle, (error: unknown) => {
        errors[index] = toAppError(error);
        settle();
      });
    });
  });
}

function unavailable(error: AppError): Outcome {
  return {
    kind: 'unavailable',
    retryAfterSeconds: error.retryAfterSeconds ?? retryAfterSeconds,
    reason: error.message,
  };
}
