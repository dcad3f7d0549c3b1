/** An entry of a layer to be written. */
export interface PlannedEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly bytes: number;
  readonly target?: string;
}

/** A layer as a list; nothing is written yet. What it hides is in `entries` too, as whiteouts. */
export interface PlannedLayer {
  readonly entries: readonly PlannedEntry[];
  /** Paths of lower layers that this one hides. */
  readonly hidden: readonly string[];
  /** Directories whose content in lower layers this one hides. */
  readonly opaque: readonly string[];
}

/** What is to be written, and what a right tree of it has: contestants' trees are counted against that. */
export interface ImagePlan {
  readonly layers: readonly PlannedLayer[];
  /** Files and links that a right tree has. */
  readonly files: number;
  readonly entries: number;
}

/** What an image is planned after, base and upper layers together; what comes out is near it, not equal. */
export interface ImageSize {
  readonly bytes: number;
  readonly layers: number;
  readonly files: number;
}

/** Of an image's bytes so many lie in a few huge files (libraries, models); the rest in many small ones. */
const hugeShare = 0.4;
const filesPerDirectory = 24;

/** Plans an image: a large base, then layers that add, replace, hide and link. The same for the same random numbers. */
export function planImage(size: ImageSize, random: () => number): ImagePlan {
  const planner = new Planner(random);
  for (let layer = 0; layer < size.layers; layer++) planner.layer(layer, size, shareOf(layer, size.layers));
  return planner.done();
}

/** The base has a third of everything, the layers above fewer and fewer; the top one is somebody's own code, and small. */
function shareOf(layer: number, layers: number): number {
  const weight = (index: number): number => {
    if (index === 0) return layers / 2;
    return index === layers - 1 ? 0.25 : 1 + (layers - index) / layers;
  };
  const total = Array.from({ length: layers }, (_, index) => weight(index)).reduce((a, b) => a + b, 0);
  return weight(layer) / total;
}

class Planner {
  private readonly layers: PlannedLayer[] = [];
  /** What a right tree has, by path; by directory, to hide one at once. */
  private readonly tree = new Map<string, Set<string>>();
  private readonly directories: string[] = [];

  constructor(private readonly random: () => number) {}

  layer(index: number, size: ImageSize, share: number): void {
    const entries: PlannedEntry[] = [];
    const hidden: string[] = [];
    const opaque: string[] = [];
    const lower = [...this.directories];
    const files = Math.round(size.files * share);
    const small = (size.bytes * (1 - hugeShare)) / size.files;
    if (index > 0) this.hide(lower, Math.round(files * 0.03), entries, hidden);
    if (index % 3 === 2) this.empty(lower, entries, opaque);
    this.huge(index, Math.round(size.bytes * hugeShare * share), entries);
    for (let made = 0; made < files;) made += this.directory(index, entries, small);
    if (index > 0) this.replace(lower, Math.round(files * 0.15), small, entries);
    this.layers.push({ entries, hidden, opaque });
  }

  done(): ImagePlan {
    const files = [...this.tree.values()].reduce((sum, names) => sum + names.size, 0);
    const entries = this.layers.reduce((sum, layer) => sum + layer.entries.length, 0);
    return { layers: this.layers, files, entries };
  }

  private directory(layer: number, entries: PlannedEntry[], small: number): number {
    const number = this.directories.length;
    const path = `opt/layer-${layer}/package-${number % 97}/module-${number}`;
    for (const parent of parentsOf(path)) {
      if (!this.tree.has(parent)) entries.push({ path: parent, type: 'directory', bytes: 0 });
      this.tree.set(parent, this.tree.get(parent) ?? new Set());
    }
    this.directories.push(path);
    let first: string | undefined;
    for (let file = 0; file < filesPerDirectory; file++) {
      const kind = this.random();
      const name = `${path}/file-${number}-${file}.${kind < 0.5 ? 'py' : 'h'}`;
      if (first !== undefined && kind < 0.05) {
        entries.push({
          path: name,
          type: 'symlink',
          bytes: 0,
          target: first.slice(first.lastIndexOf('/') + 1),
        });
      } else if (first !== undefined && kind < 0.06) {
        entries.push({ path: name, type: 'hardlink', bytes: 0, target: first });
      } else {
        first ??= name;
        entries.push({ path: name, type: 'file', bytes: this.smallSize(small) });
      }
      this.tree.get(path)?.add(name);
    }
    return filesPerDirectory;
  }

  /** Most files are far smaller than their mean. */
  private smallSize(mean: number): number {
    return Math.round(mean * 3 * this.random() ** 2 * 1.05);
  }

  private huge(layer: number, bytes: number, entries: PlannedEntry[]): void {
    const path = `usr/lib/huge-${layer}`;
    entries.push({ path, type: 'directory', bytes: 0 });
    const names = new Set<string>();
    const count = Math.max(1, Math.round(bytes / 80e6));
    for (let file = 0; file < count; file++) {
      names.add(`${path}/lib-${file}.so`);
      entries.push({ path: `${path}/lib-${file}.so`, type: 'file', bytes: Math.round(bytes / count) });
    }
    this.tree.set(path, names);
  }

  /** A file of a lower layer that is nobody's hard link: to replace or hide it changes nothing else. */
  private victim(lower: readonly string[]): string | undefined {
    const directory = lower[Math.floor(this.random() * lower.length)] ?? '';
    const names = [...(this.tree.get(directory) ?? [])].slice(1);
    return names[Math.floor(this.random() * names.length)];
  }

  private hide(lower: readonly string[], count: number, entries: PlannedEntry[], hidden: string[]): void {
    for (let at = 0; at < count; at++) {
      const path = this.victim(lower);
      if (path === undefined) continue;
      const cut = path.lastIndexOf('/') + 1;
      entries.push({ path: `${path.slice(0, cut)}.wh.${path.slice(cut)}`, type: 'file', bytes: 0 });
      hidden.push(path);
      this.tree.get(path.slice(0, cut - 1))?.delete(path);
    }
  }

  private empty(lower: readonly string[], entries: PlannedEntry[], opaque: string[]): void {
    const path = lower[Math.floor(this.random() * lower.length)];
    if (path === undefined) return;
    entries.push({ path, type: 'directory', bytes: 0 });
    entries.push({ path: `${path}/.wh..wh..opq`, type: 'file', bytes: 0 });
    opaque.push(path);
    this.tree.get(path)?.clear();
  }

  private replace(lower: readonly string[], count: number, small: number, entries: PlannedEntry[]): void {
    const seen = new Set(entries.map(({ path }) => path));
    for (let at = 0; at < count; at++) {
      const path = this.victim(lower);
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      entries.push({ path, type: 'file', bytes: this.smallSize(small) });
    }
  }
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
