import { directoryEnd, directoryHeader, localHeader } from './zip-records.js';
import type { EntryToRead, ZipSource } from './zip-source.js';

/** What goes from one zip into another. */
export interface ZipPart {
  readonly zip: ZipSource;
  /** Only what lies below this directory, without it; absent: all. */
  readonly below?: string | undefined;
  /** The directory that it is put into; absent: none. */
  readonly under?: string | undefined;
}

/** A file that goes along, and its name there. */
export interface Selected {
  readonly entry: EntryToRead;
  readonly path: string;
}

/** The files of a part, in their order. */
export async function* selected({ zip, below, under }: ZipPart): AsyncGenerator<Selected> {
  const [from, to] = [prefixOf(below), prefixOf(under)];
  for await (const entry of zip.entries())
    if (entry.path.startsWith(from) && entry.path.length > from.length)
      yield { entry, path: `${to}${entry.path.slice(from.length)}` };
}

/**
 * A zip of parts of others, piece by piece: what is compressed stays so, and modes, times and links are kept. The same
 * parts give the same bytes. Of a name that comes twice the first one counts. The zips' directories are read twice rather
 * than held, so a million files take no more memory than ten, unless parts share a directory.
 *
 * @throws permanent `zip.malformed`
 */
export async function* mergedZip(parts: readonly ZipPart[]): AsyncGenerator<Buffer> {
  const output = new Gathered();
  for await (const { part, path, entry } of once(parts)) {
    yield* output.add(localHeader({ ...entry, path }));
    for await (const piece of part.zip.packed(entry)) yield* output.add(piece);
  }
  const directoryAt = output.at;
  let [headerAt, entries] = [0, 0];
  for await (const { path, entry } of once(parts)) {
    yield* output.add(directoryHeader({ ...entry, path, headerAt, dataAt: 0 }));
    headerAt += localHeader({ ...entry, path }).length + entry.packedSize;
    entries += 1;
  }
  yield* output.add(directoryEnd(entries, directoryAt, output.at - directoryAt));
  yield* output.rest();
}

async function* once(parts: readonly ZipPart[]): AsyncGenerator<Selected & { readonly part: ZipPart }> {
  const seen = mayMeet(parts.map(({ under }) => prefixOf(under))) ? new Set<string>() : undefined;
  for (const part of parts)
    for await (const { path, entry } of selected(part)) {
      if (seen?.has(path)) continue;
      seen?.add(path);
      yield { part, path, entry };
    }
}

/** Whether one of these directories is in another, or twice there. */
function mayMeet(prefixes: readonly string[]): boolean {
  const sorted = prefixes.toSorted();
  return sorted.some((prefix, place) => place > 0 && prefix.startsWith(sorted[place - 1] ?? ''));
}

const prefixOf = (directory: string | undefined): string =>
  directory === undefined || directory === '' ? '' : `${directory.replace(/\/+$/, '')}/`;

const pieceBytes = 1 << 16;

/** Small pieces become large ones: a header and an empty file each are not worth a write. */
class Gathered {
  at = 0;
  private held: Buffer[] = [];
  private bytes = 0;

  *add(piece: Buffer): Generator<Buffer> {
    this.at += piece.length;
    this.held.push(piece);
    this.bytes += piece.length;
    if (this.bytes >= pieceBytes) yield* this.rest();
  }

  *rest(): Generator<Buffer> {
    if (this.bytes > 0) yield Buffer.concat(this.held, this.bytes);
    [this.held, this.bytes] = [[], 0];
  }
}
