import type { EntryOptions } from './tar-archive.js';

/** Numbers from 0 to `below` - 1, the same for the same seed. */
export type Random = (below: number) => number;

/** A small generator (mulberry32): good enough to shuffle tests, the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const names = ['a', 'b', 'c', 'd'];

/** Layers of few names, so that their entries meet: whiteouts, opaque directories, links, all types. */
export function randomLayers(random: Random, layers: number, entries: number): EntryOptions[][] {
  const files: string[] = [];
  return Array.from({ length: layers }, () =>
    Array.from({ length: random(entries) }, () => {
      const entry = randomEntry(random, files);
      if (entry.type === undefined) files.push(entry.name);
      return entry;
    }),
  );
}

function randomEntry(random: Random, files: readonly string[]): EntryOptions {
  const path = randomPath(random);
  const slash = path.lastIndexOf('/') + 1;
  const common = { mode: 0o600 + random(0o200), mtime: 1_000_000 + random(1000) };
  switch (random(12)) {
    case 0:
      return { name: `${path.slice(0, slash)}.wh.${path.slice(slash)}` };
    case 1:
      return { name: `${path}/.wh..wh..opq` };
    case 2:
    case 3:
    case 4:
      return { name: path, type: '5', ...common, mode: 0o700 + random(0o100) };
    case 5:
      return { name: path, type: '2', linkName: randomPath(random), ...common };
    case 6:
      return { name: path, type: '1', linkName: files[random(files.length || 1)] ?? 'a' };
    default:
      return { name: path, data: `content ${random(1_000_000)}`, ...common };
  }
}

function randomPath(random: Random): string {
  const depth = 1 + random(3);
  return Array.from({ length: depth }, () => names[random(names.length)]).join('/');
}
