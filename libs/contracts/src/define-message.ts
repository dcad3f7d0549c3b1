import type { z } from 'zod';

/** A fact that anyone may hear, a request to its one owner, or the owner's answer to the one copy that asked. */
export type MessageKind = 'event' | 'command' | 'answer';

/** One message of the house: its name, version, schema and who says it. The payload's type comes from the schema. */
export interface Message<S extends z.ZodType = z.ZodType> {
  /** Dotted vocabulary name, e.g. `image.published`. */
  readonly name: string;
  /** Raised for anything but a new optional field. */
  readonly version: number;
  readonly kind: MessageKind;
  /** The services that publish it, and so may; none where a command is there for others than ours. */
  readonly saidBy: readonly string[];
  /** One sentence: what it says, and why. */
  readonly means: string;
  readonly schema: S;
  /** CloudEvents `type`: `org.slipway.<name>.v<version>`. */
  readonly type: string;
  /** AMQP routing key: `<name>.v<version>`. */
  readonly routingKey: string;
  /** CloudEvents `subject`: what the payload is about. */
  subjectOf(payload: z.output<S>): string;
}

/** What a message carries once validated. */
export type PayloadOf<M> = M extends Message<infer S> ? z.output<S> : never;

/** What a publisher may hand in: defaults may be left out. */
export type InputOf<M> = M extends Message<infer S> ? z.input<S> : never;

/** What the file of a message writes down; `defineMessage` adds what follows from name and version. */
export interface MessageDefinition<S extends z.ZodType> {
  readonly name: string;
  readonly version: number;
  readonly kind: MessageKind;
  readonly saidBy: readonly string[];
  readonly means: string;
  readonly schema: S;
  readonly subject: (payload: z.output<S>) => string;
}

/** A message, with its routing key and CloudEvents type made of name and version. */
export function defineMessage<S extends z.ZodType>(definition: MessageDefinition<S>): Message<S> {
  const { subject, ...rest } = definition;
  const routingKey = `${definition.name}.v${definition.version}`;
  return Object.freeze({ ...rest, routingKey, type: `org.slipway.${routingKey}`, subjectOf: subject });
}
