import type { EntryReader, TarEntry } from '../tar/tar-entry.js';
import { DecidedTree, HIDDEN } from './decided-tree.js';
import { entryPath } from './entry-path.js';
import { missing, type OpenLink } from './hard-links.js';
import type { TreeLimits } from './limits.js';
import { FILE, HARD_LINK, LEFT_OUT, NONE, SYMLINK } from './node-table.js';
import type { EntryOrigin } from './tree-sink.js';
import { visitEntry } from './visit-entry.js';

/** Puts onto the disk what a link to a hidden target needs. */
export interface LinkDelivery {
  readonly limits: TreeLimits;
  /** Writes the file in the links' place. */
  file(links: readonly OpenLink[], entry: TarEntry, origin: EntryOrigin): void;
  symlink(links: readonly OpenLink[], entry: TarEntry, origin: EntryOrigin): void;
  /** The target is a link itself: they are to be found as that layer sees them. */
  again(links: readonly OpenLink[]): void;
  /** A later entry of the same layer replaces what was delivered. */
  takeBack(links: readonly OpenLink[]): void;
}

/** Links from one to the next that an honest image may have. */
const maxHops = 40;

/**
 * Finds what hard links of one layer lead to when upper layers hide it: the tree as that layer saw it is decided once
 * more, from that layer down, and only what the links want is written. Rare, so reading layers twice is no matter.
 */
export class HiddenTargets {
  private readonly view: DecidedTree;
  /** By row of the view. */
  private readonly wanted = new Map<number, OpenLink[]>();
  private readonly delivered = new Set<number>();

  constructor(
    links: readonly OpenLink[],
    private readonly delivery: LinkDelivery,
  ) {
    this.view = new DecidedTree({ remove: (row) => this.removed(row) });
    for (const link of links) this.want(link);
  }

  addLayer(layer: number, reader: EntryReader): void {
    const { view } = this;
    for (let ordinal = 0; ; ordinal++) {
      const entry = reader.next();
      if (entry === undefined) break;
      visitEntry(entry, this.delivery.limits, {
        whiteOut: (parts) => view.whiteOut(layer, parts),
        makeOpaque: (parts) => view.makeOpaque(layer, parts),
        leaveOut: () => undefined,
        place: (placed, parts) => {
          if (placed.type === 'directory') {
            view.placeDirectory(layer, ordinal, parts);
            return;
          }
          const row = view.placeLeaf(layer, ordinal, parts, kindOf(placed));
          if (row !== HIDDEN) this.found(row, placed, { layer, ordinal, reader });
        },
      });
    }
    reader.drain();
  }

  /** Throws `layer.link_target_missing` when a link's target was nowhere. */
  finish(): void {
    for (const [row, links] of this.wanted) {
      const [first] = links;
      if (first !== undefined && !this.delivered.has(row)) throw missing(first);
    }
  }

  private want(link: OpenLink): void {
    const { view } = this;
    const parts = entryPath(link.target, this.delivery.limits);
    const parent = view.enter(link.layer, parts, parts.length - 1);
    const name = parts.at(-1) ?? '';
    const known = view.nodes.child(parent, name);
    const row = known === NONE ? view.nodes.add(parent, name) : known;
    const links = this.wanted.get(row);
    if (links === undefined) this.wanted.set(row, [link]);
    else links.push(link);
  }

  private found(row: number, entry: TarEntry, origin: EntryOrigin): void {
    const links = this.wanted.get(row);
    if (links === undefined) return;
    this.delivered.add(row);
    if (entry.type === 'file') {
      this.delivery.file(links, entry, origin);
    } else if (entry.type === 'symlink') {
      this.delivery.symlink(links, entry, origin);
    } else if (entry.type === 'link') {
      this.delivery.again(links.map((link) => nextHop(link, origin.layer, entry)));
    } else {
      const [first] = links;
      if (first !== undefined) throw missing(first);
    }
  }

  private removed(row: number): void {
    const links = this.wanted.get(row);
    if (links !== undefined && this.delivered.delete(row)) this.delivery.takeBack(links);
  }
}

function nextHop(link: OpenLink, layer: number, entry: TarEntry): OpenLink {
  const next = { ...link, layer, target: entry.linkPath, hops: link.hops + 1 };
  if (next.hops > maxHops) throw missing(next);
  return next;
}

function kindOf(entry: TarEntry): number {
  if (entry.type === 'file') return FILE;
  if (entry.type === 'symlink') return SYMLINK;
  return entry.type === 'link' ? HARD_LINK : LEFT_OUT;
}
