import type { ResourceKind } from '#contracts';

/** One state of a resource, as the registry keeps it. */
export interface StoredResource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  /** The project whose owners may change it. */
  readonly project: string | undefined;
  readonly version: number;
  readonly revision: number;
  /** ISO 8601: since when it is so. */
  readonly at: string;
  readonly by: string;
  readonly via: string;
  readonly gone: boolean;
  /** As written; undefined when it is gone. */
  readonly spec: unknown;
}

/** Who makes a change, and how that was known. */
export interface Author {
  readonly by: string;
  readonly via: string;
}

/** What a change expects to find: nothing, something, one of these versions, or either. */
export type Expected = 'nothing' | 'something' | 'anything' | { readonly versions: readonly number[] };
