import {
  messages,
  reasonsOf,
  registrySnapshot,
  resources,
  type Message,
  type PayloadOf,
  type Resource,
} from '#contracts';
import { z } from 'zod';

/** A resource's state, as far as every version of the registry says it alike. */
export type Change = PayloadOf<typeof registrySnapshot>['items'][number];

/** A sealed secret of a credential. */
export interface SealedSecret {
  readonly id: string;
  readonly sealed: string;
  readonly validUntil?: string | undefined;
}

/** A resource that this version can use: defaults filled in, sizes in bytes, durations in milliseconds. */
export interface Copied<S = unknown> {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly revision: number;
  /** ISO 8601: since when it is so. */
  readonly at: string;
  readonly settings: S;
  /** Of a credential: those that counted then, the newest first. */
  readonly sealed: readonly SealedSecret[];
}

const itemSchema: z.ZodType<Change> = registrySnapshot.schema.shape.items.element;

const resourceOf: ReadonlyMap<string, Resource> = new Map(resources.map((each) => [each.kind, each]));

const messageOf: ReadonlyMap<string, Message> = new Map(
  messages
    .filter(({ name, version }) => name.endsWith('.changed') && version === 1)
    .map((message) => [message.name.slice(0, -'.changed'.length), message]),
);

/** The kind of resource whose change a CloudEvents type tells; undefined where this version does not know it. */
export const kindOfType = (type: string): string | undefined =>
  [...messageOf].find(([, message]) => message.type === type)?.[0];

/** The change that a message carries, or undefined where it lacks what every change has. */
export function changeOf(kind: string, data: unknown): Change | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  return itemSchema.safeParse({ ...data, kind }).data;
}

/** What a change means to this version, or why it cannot tell. The reasons hold no values: they could be secret. */
export function read(change: Change): { readonly copied: Copied } | { readonly problem: string } {
  const resource = resourceOf.get(change.kind);
  const message = messageOf.get(change.kind);
  if (!resource || !message) return { problem: `this version knows no kind ${change.kind}` };
  const payload = message.schema.safeParse(change);
  if (!payload.success) return { problem: reasons(message.schema, change) };
  const settings = resource.schema.safeParse(change.spec);
  if (!settings.success) return { problem: reasons(resource.schema, change.spec) };
  const { id, name, version, revision, at } = change;
  const { secrets: sealed = [] } = payload.data as { secrets?: readonly SealedSecret[] };
  return { copied: { id, name, version, revision, at, settings: settings.data, sealed } };
}

const reasons = (schema: z.ZodType, value: unknown): string => reasonsOf(schema, value, 3, '(all)');
