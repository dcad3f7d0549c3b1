import type { ResourceKind } from '#contracts';
import type { EntityManager } from 'typeorm';
import type { Author, StoredResource } from '../domain/stored-resource.js';

/** Fields as they were written. */
export type Written = Readonly<Record<string, unknown>>;

/** What a kind keeps beside its specification; of a credential, its secrets. Its fields: `libs/api/src/beside.ts`. */
export interface Companion {
  readonly kind: ResourceKind;
  /** Keeps what was written beside, in the change's transaction. Throws where something is amiss. */
  keep(manager: EntityManager, stored: StoredResource, beside: Written, author: Author): Promise<void>;
  /** Names of the fields in which what is written beside differs from what is kept; empty where nothing would change. */
  changes(
    manager: EntityManager,
    current: StoredResource | undefined,
    beside: Written,
  ): Promise<readonly string[]>;
  /** Lets go of what was kept, in the transaction that removes the resource. */
  drop(manager: EntityManager, stored: StoredResource): Promise<void>;
  /** What the event of a change carries besides. */
  announced(manager: EntityManager, stored: StoredResource): Promise<object>;
  /** What is answered besides, for each; `manager` sees a change that is not yet committed. */
  shown(manager: EntityManager, stored: readonly StoredResource[]): Promise<readonly object[]>;
}

/** The companions of the kinds that have one; a module adds its own when it is constructed. */
export class Companions {
  private readonly byKind = new Map<ResourceKind, Companion>();

  add(companion: Companion): void {
    this.byKind.set(companion.kind, companion);
  }

  of(kind: ResourceKind): Companion | undefined {
    return this.byKind.get(kind);
  }
}
