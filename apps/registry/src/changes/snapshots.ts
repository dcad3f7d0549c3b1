import type { InputOf, registrySnapshot } from '#contracts';
import type { EntityManager } from 'typeorm';
import type { StoredResource } from '../domain/stored-resource.js';
import type { SnapshotStore } from '../storage/snapshot.store.js';
import { changePayload } from './announce.js';
import type { Companions } from './companion.js';

/** A page of a `registry.snapshot`: what changed after one revision, up to another. */
export type SnapshotPage = Omit<InputOf<typeof registrySnapshot>, 'request'>;
type Item = SnapshotPage['items'][number];

const pageItems = 200;
/** Well below what the bus carries in one message. */
const pageBytes = 1024 * 1024;

/** What a copy lacks that knows everything up to a revision: pages, the last of which says so. */
export class Snapshots {
  constructor(
    private readonly store: SnapshotStore,
    private readonly companions: Companions,
  ) {}

  async *since(after: number): AsyncGenerator<SnapshotPage> {
    const newest = await this.store.newest();
    // Who knows more than there is learnt it before an older state was restored.
    const isReset = after > newest;
    for (let from = isReset ? 0 : after, isLast = false; !isLast;) {
      const range = { after: from, upTo: newest, limit: pageItems };
      const items = fitting(await this.store.page(range, (manager, stored) => this.item(manager, stored)));
      isLast = items.isAll && items.taken.length < pageItems;
      const upTo = isLast ? newest : (items.taken.at(-1)?.revision ?? newest);
      yield { after: from, upTo, isLast, isReset, items: [...items.taken] };
      from = upTo;
    }
  }

  private async item(manager: EntityManager, stored: StoredResource): Promise<Item> {
    const beside = await this.companions.of(stored.kind)?.announced(manager, stored);
    return { kind: stored.kind, ...changePayload(stored), ...beside };
  }
}

/** As many as one message takes, at least one. */
function fitting(items: readonly Item[]): { readonly taken: readonly Item[]; readonly isAll: boolean } {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return index > 0 && bytes > pageBytes;
  });
  return end < 0 ? { taken: items, isAll: true } : { taken: items.slice(0, end), isAll: false };
}
