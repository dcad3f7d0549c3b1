import type { z } from 'zod';

/** The kinds of things that the registry keeps. */
export const resourceKinds = [
  'project',
  'credential',
  'source',
  'image_rule',
  'cvmfs_repository',
  'container_registry',
  'backend',
  'identity_mapping',
  'gitlab_server',
  'runner',
  'subscription',
] as const;

/** A kind by its name in messages, in the audit and in the database; addresses use `plural` instead. */
export type ResourceKind = (typeof resourceKinds)[number];

/** That a resource names another, which must exist. */
export interface Reference {
  readonly kind: ResourceKind;
  readonly name: string;
  /** Where in the specification the name stands. */
  readonly path: readonly PropertyKey[];
}

/**
 * A kind of thing that the registry keeps: one model for the API, slipway.yml, the bus and the page. What an admin
 * writes is kept and sent as written; who uses it parses it, which fills in defaults and turns quantities into numbers.
 */
export interface Resource<S extends z.ZodType = z.ZodType> {
  /** As in the message that tells of its changes: `<kind>.changed`. */
  readonly kind: ResourceKind;
  /** As in the address of its collection: `/api/v1/<plural>`. */
  readonly plural: string;
  /** Its list in slipway.yml. */
  readonly section: string;
  /** For people, e.g. `image rule`. */
  readonly title: string;
  /** One sentence: what it is for. */
  readonly means: string;
  /** What is written: input as people write it, output with defaults, sizes in bytes, durations in milliseconds. */
  readonly schema: S;
  /** Its name, unique in its kind. */
  nameOf(spec: z.output<S>): string;
  /** The project whose owners may change it; undefined where only admins may. */
  projectOf(spec: z.output<S>): string | undefined;
  /** The other resources that it names. */
  references(spec: z.output<S>): readonly Reference[];
  /** Whether one that is written so far can have this field: some are for some kinds of backends alone. */
  hasField(spec: Readonly<Record<string, unknown>>, field: string): boolean;
}

/** What the file of a kind writes down; the two that may be left out get a default from `defineResource`. */
export interface ResourceDefinition<S extends z.ZodType> {
  readonly kind: ResourceKind;
  readonly plural: string;
  readonly section: string;
  readonly title: string;
  readonly means: string;
  readonly schema: S;
  readonly nameOf: (spec: z.output<S>) => string;
  readonly projectOf?: (spec: z.output<S>) => string | undefined;
  readonly references?: (spec: z.output<S>) => readonly Reference[];
  readonly hasField?: (spec: Readonly<Record<string, unknown>>, field: string) => boolean;
}

/** A kind that the registry keeps. Unless told it belongs to no project, refers to nothing and has all its fields. */
export function defineResource<S extends z.ZodType>(definition: ResourceDefinition<S>): Resource<S> {
  return Object.freeze({
    projectOf: () => undefined,
    references: () => [],
    hasField: () => true,
    ...definition,
  });
}

/** A resource's specification as it is used. */
export type SettingsOf<R> = R extends Resource<infer S> ? z.output<S> : never;
