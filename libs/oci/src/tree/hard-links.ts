import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import { HIDDEN, type DecidedTree } from './decided-tree.js';
import { DIRECTORY, HARD_LINK, LEFT_OUT, NONE, PHANTOM } from './node-table.js';

/** A hard link that stands in the tree and whose target does not (yet). */
export interface OpenLink {
  readonly row: number;
  readonly layer: number;
  readonly ordinal: number;
  readonly target: ByteString;
  /** Links that led here from one to the next. */
  readonly hops: number;
}

/** What becomes of a hard link: linked to a row at once, left out with its target, or open until later. */
export type LinkFate =
  { readonly kind: 'link'; readonly to: number } | { readonly kind: 'left-out' } | { readonly kind: 'open' };

const openFate: LinkFate = { kind: 'open' };

/**
 * Hard links name a path as their own layer saw it. That may be written already, come later in the layer or in a lower
 * one, or be hidden by an upper layer: then its data has to be fetched for the link alone.
 */
export class HardLinks {
  /** By the row that they wait for. */
  private readonly waiting = new Map<number, OpenLink[]>();
  /** Links whose target an upper layer hides. */
  private hidden: OpenLink[] = [];

  constructor(private readonly tree: DecidedTree) {}

  resolve(link: OpenLink, target: readonly ByteString[]): LinkFate {
    const row = this.find(link, target);
    const { nodes } = this.tree;
    if (row === HIDDEN) {
      this.hidden.push(link);
      return openFate;
    }
    if (row === link.row) throw missing(link);
    const kind = nodes.kind[row];
    if (kind === LEFT_OUT) return { kind: 'left-out' };
    // Links wait for links, and for what standard programs make at the end.
    if (kind === PHANTOM || nodes.onDisk[row] === 0) {
      this.waitFor(row, link);
      return openFate;
    }
    return { kind: 'link', to: row };
  }

  /** Keeps a link until something stands at `row`. */
  waitFor(row: number, link: OpenLink): void {
    const links = this.waiting.get(row);
    if (links === undefined) this.waiting.set(row, [link]);
    else links.push(link);
  }

  /** Links of the same layer that waited for what now stands at `row`, and still stand themselves. */
  takeWaiting(row: number): readonly OpenLink[] {
    const links = this.waiting.get(row);
    if (links === undefined) return [];
    const layer = this.tree.nodes.layer[row];
    const own = links.filter((link) => link.layer === layer);
    this.keepWaiting(
      row,
      links.filter((link) => link.layer !== layer),
    );
    return own.filter((link) => this.stands(link));
  }

  /**
   * At the end of a layer: links with the rows that they waited for and that now stand. Links of upper layers see a
   * path as it is then: within the layer it may be replaced once more.
   */
  takeSettled(): readonly { readonly row: number; readonly link: OpenLink }[] {
    const settled: { row: number; link: OpenLink }[] = [];
    for (const [row, links] of this.waiting) {
      const { onDisk, kind } = this.tree.nodes;
      if (onDisk[row] === 0 || kind[row] === DIRECTORY) continue;
      this.waiting.delete(row);
      for (const link of links) if (this.stands(link)) settled.push({ row, link });
    }
    return settled;
  }

  private keepWaiting(row: number, links: OpenLink[]): void {
    if (links.length === 0) this.waiting.delete(row);
    else this.waiting.set(row, links);
  }

  /** Links of the uppermost layer that has any to what upper layers hide; each is handed out once. */
  takeHidden(): readonly OpenLink[] {
    const links = this.hidden.filter((link) => this.stands(link));
    const layer = links.reduce((top, link) => Math.max(top, link.layer), NONE);
    this.hidden = links.filter((link) => link.layer !== layer);
    return links.filter((link) => link.layer === layer);
  }

  /** Keeps links whose target is to be sought as their layer saw it. */
  addHidden(links: readonly OpenLink[]): void {
    this.hidden.push(...links);
  }

  /** Throws `layer.link_target_missing` when a link still waits for something that no layer brought. */
  verifyAllFound(): void {
    for (const links of this.waiting.values()) {
      const link = links.find((candidate) => this.stands(candidate));
      if (link !== undefined) throw missing(link);
    }
  }

  /** Whether nothing later in its layer replaced it. */
  private stands(link: OpenLink): boolean {
    const { nodes } = this.tree;
    return nodes.kind[link.row] === HARD_LINK && nodes.ordinal[link.row] === link.ordinal;
  }

  private find(link: OpenLink, target: readonly ByteString[]): number {
    const { tree } = this;
    const { nodes } = tree;
    const parent = tree.enter(link.layer, target, target.length - 1);
    if (parent === HIDDEN) return HIDDEN;
    const name = target.at(-1);
    if (name === undefined) throw toDirectory(link);
    const row = nodes.child(parent, name);
    if (row === NONE) return nodes.add(parent, name);
    if (link.layer < (nodes.hiddenFrom[row] ?? NONE)) return HIDDEN;
    if (nodes.kind[row] !== DIRECTORY) return row;
    if ((nodes.layer[row] ?? NONE) > link.layer) return HIDDEN;
    throw toDirectory(link);
  }
}

/** The error for a link whose target is nowhere. */
export function missing(link: OpenLink): Error {
  return permanent(
    'layer.link_target_missing',
    `a hard link leads to ${showBytes(link.target)}, which no layer brings`,
  );
}

function toDirectory(link: OpenLink): Error {
  return permanent(
    'layer.link_invalid',
    `a hard link leads to ${showBytes(link.target)}, which is a directory`,
  );
}
