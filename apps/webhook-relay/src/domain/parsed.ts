import type { InputOf, Message } from '#contracts';

/** What a source may speak for is checked against this. */
export interface About {
  /** Repository of a registry, or path of a GitLab project; absent where the event is about none. */
  readonly path?: string | undefined;
}

/** An event read from a delivery, not yet checked against what the source may speak for. */
export interface RelayedEvent {
  readonly message: Message;
  readonly payload: unknown;
  /** What identifies it among all that the source ever says, so that the same delivery twice is one event. */
  readonly key: string;
  /** When it happened, as ISO 8601, in the sender’s words; absent: when it was received. */
  readonly time: string | undefined;
  readonly about: About;
}

/** Why something in a delivery became no event. Each is answered 2xx: sending it again would not change it. */
export type DropReason =
  /** Well understood, and nobody wants it: a pull, a scan, a ping. */
  | 'unwanted'
  /** A layer or a configuration, not an image. */
  | 'not_an_image'
  /** The envelope is this source’s, but what is in it lacks what an event needs. */
  | 'unreadable'
  /** About something that this source may not speak for. */
  | 'out_of_scope';

/** A part of a delivery of which no event is made. */
export interface Dropped {
  readonly reason: DropReason;
  /** For the log: what it was, in the sender’s words, shortened. */
  readonly what: string;
}

/** What a delivery came to. */
export interface Parsed {
  readonly events: readonly RelayedEvent[];
  readonly dropped: readonly Dropped[];
}

/** The body is not what this kind of source sends at all. */
export interface NotThisFormat {
  readonly notThisFormat: string;
}

/** An event with the payload that its message wants. */
export function relay<M extends Message>(
  message: M,
  payload: InputOf<M>,
  rest: { readonly key: string; readonly time?: string | undefined; readonly about?: About },
): RelayedEvent {
  return { message, payload, key: rest.key, time: rest.time, about: rest.about ?? {} };
}

/** A delivery, or a part of one, of which no event is made. */
export function drop(reason: DropReason, what: string): Parsed {
  return { events: [], dropped: [{ reason, what: what.slice(0, 200) }] };
}

/** What several parts of one delivery gave, in their order. */
export function together(parts: readonly Parsed[]): Parsed {
  return {
    events: parts.flatMap(({ events }) => events),
    dropped: parts.flatMap(({ dropped }) => dropped),
  };
}
