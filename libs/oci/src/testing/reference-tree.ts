import type { EntryOptions } from './tar-archive.js';

/** A node of the reference: content shared by hard links is one object. */
export type ReferenceNode =
  | { readonly type: 'file'; readonly data: string; readonly mode: number; readonly mtime: number }
  | { readonly type: 'link'; readonly target: string }
  | { readonly type: 'directory'; mode: number; mtime: number };

type Tree = Map<string, ReferenceNode>;

/** What the image means, as an overlay applies it: bottom up, each layer's whiteouts before its entries. Slow and plain. */
export function referenceTree(layers: readonly (readonly EntryOptions[])[]): Tree {
  const tree: Tree = new Map();
  for (const layer of layers) {
    for (const entry of layer) applyWhiteout(tree, entry.name);
    const own: Tree = new Map();
    const entries = layer.filter(({ name }) => !name.includes('.wh.'));
    for (const entry of entries) {
      if (isAmbiguous(entry, entries, own)) throw new Error('ambiguous');
      applyEntry(tree, own, entry);
    }
    // What a file or link replaces is gone, also where the layer replaces that once more.
    for (const { name } of entries.filter(({ type }) => type !== '5')) {
      removeBelow(tree, name);
      tree.delete(name);
    }
    merge(tree, own);
  }
  return tree;
}

/** A hard link whose target comes later or several times: engines take one or the other. */
function isAmbiguous(entry: EntryOptions, entries: readonly EntryOptions[], own: Tree): boolean {
  if (entry.type !== '1') return false;
  const targets = entries.filter(({ name }) => name === entry.linkName);
  return targets.length > 1 || (targets.length === 1 && !own.has(entry.linkName ?? ''));
}

function applyWhiteout(tree: Tree, name: string): void {
  const slash = name.lastIndexOf('/') + 1;
  const base = name.slice(slash);
  if (!base.startsWith('.wh.')) return;
  const opaque = base === '.wh..wh..opq';
  const path = opaque ? name.slice(0, slash - 1) : name.slice(0, slash) + base.slice(4);
  removeBelow(tree, path);
  if (!opaque) tree.delete(path);
}

/** Builds the layer by itself, in order; hard links see it, else what is below. */
function applyEntry(below: Tree, own: Tree, entry: EntryOptions): void {
  const path = entry.name;
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const parent = own.get(path.slice(0, at));
    if (parent !== undefined && parent.type !== 'directory') throw new Error('through a leaf');
    if (parent === undefined) own.set(path.slice(0, at), { type: 'directory', mode: -1, mtime: -1 });
  }
  const before = own.get(path);
  if (entry.type === '5') {
    if (before !== undefined && before.type !== 'directory') own.delete(path);
    own.set(path, { type: 'directory', mode: entry.mode ?? 0, mtime: entry.mtime ?? 0 });
    return;
  }
  const node = leafOf(below, own, entry);
  removeBelow(own, path);
  own.set(path, node);
}

function leafOf(below: Tree, own: Tree, entry: EntryOptions): ReferenceNode {
  if (entry.type === '2') return { type: 'link', target: entry.linkName ?? '' };
  if (entry.type !== '1') {
    return { type: 'file', data: String(entry.data), mode: entry.mode ?? 0, mtime: entry.mtime ?? 0 };
  }
  const target = own.get(entry.linkName ?? '') ?? below.get(entry.linkName ?? '');
  if (target === undefined || target.type === 'directory') throw new Error('no target');
  return target;
}

function merge(tree: Tree, own: Tree): void {
  for (const [path, node] of [...own].sort(([a], [b]) => a.length - b.length)) {
    const before = tree.get(path);
    if (node.type !== 'directory') removeBelow(tree, path);
    const keepsMetadata = node.type === 'directory' && node.mode === -1;
    if (keepsMetadata && before?.type === 'directory') continue;
    tree.set(path, keepsMetadata ? { type: 'directory', mode: 0o755, mtime: 0 } : node);
  }
}

function removeBelow(tree: Tree, path: string): void {
  for (const key of tree.keys()) if (key.startsWith(`${path}/`)) tree.delete(key);
}
