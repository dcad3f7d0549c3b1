import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';
import type { DecidedTree } from './decided-tree.js';
import { DIRECTORY, NONE, PHANTOM, ROOT } from './node-table.js';

/**
 * An upper layer has entries below a path that a lower layer makes a link, and does not declare the directory. Engines
 * differ: overlay file systems let the directory win, others write through the link within the image. Here the
 * directory wins, but only where the link leads to a directory of the image: one that leads elsewhere is an attempt to
 * write outside.
 */
export class ShadowedLinks {
  private readonly noted: { row: number; linkPath: ByteString }[] = [];

  constructor(private readonly tree: DecidedTree) {}

  /** To be called when a symbolic link turned out to be hidden. */
  note(linkPath: ByteString): void {
    const link = this.tree.shadowedLinks.pop();
    if (link !== undefined) this.noted.push({ row: link.row, linkPath });
  }

  /** Once all layers are in: throws `layer.path_through_link` for a link that leads out of the image. */
  verify(): void {
    for (const { row, linkPath } of this.noted) {
      if (this.leadsToDirectory(row, linkPath)) continue;
      throw permanent(
        'layer.path_through_link',
        `a layer writes below ${showBytes(this.tree.nodes.path(row))}, which is a link to ${showBytes(linkPath)} in another`,
      );
    }
  }

  private leadsToDirectory(row: number, linkPath: ByteString): boolean {
    const { nodes } = this.tree;
    let at = linkPath.startsWith('/') ? ROOT : (nodes.parent[row] ?? ROOT);
    for (const part of linkPath.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        // Above the top there is nothing but the host.
        if (at === ROOT) return false;
        at = nodes.parent[at] ?? ROOT;
        continue;
      }
      at = nodes.child(at, part);
      if (at === NONE || nodes.kind[at] === PHANTOM) return false;
      // Another link or a file on the way: it is the image's own, and whatever it is, it is not followed.
      if (nodes.kind[at] !== DIRECTORY) return true;
    }
    return true;
  }
}
