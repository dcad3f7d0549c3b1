import { pipeline as pipe, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { type Selected, selected, type ZipPart } from '#zip';
import { type Header, pack, type Pack } from 'tar-stream';
import { staysInside } from '../storage/outputs/names.js';

const kindMask = 0o170_000;
const kindOfDirectory = 0o040_000;
const kindOfLink = 0o120_000;
const longestLink = 4_096;

/**
 * A tar of what jobs brought back, as it is read; where something goes wrong it ends in an error, and is no whole tar. A
 * link that leads out of it is left out: what comes after it would be written there.
 */
export function tarOf(parts: readonly ZipPart[], isPacked: boolean): Readable {
  const packing = pack();
  const plain = Readable.from(packing as AsyncIterable<Buffer>);
  fill(packing, parts).then(
    () => packing.finalize(),
    (error: unknown) => packing.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  if (!isPacked) return plain;
  // Where nobody reads on, nothing is read any more either; an error ends the answer before its end.
  return pipe(plain, createGzip({ level: 1 }), () => undefined);
}

async function fill(packing: Pack, parts: readonly ZipPart[]): Promise<void> {
  for (const part of parts)
    for await (const one of selected(part)) {
      if (packing.destroyed) return;
      await add(packing, part, one);
    }
}

async function add(packing: Pack, { zip }: ZipPart, { entry, path }: Selected): Promise<void> {
  const header: Partial<Header> & { name: string } = {
    name: path,
    mode: entry.mode & 0o777,
    mtime: entry.modified,
  };
  switch (entry.mode & kindMask) {
    case kindOfDirectory:
      return void packing.entry({ ...header, type: 'directory' });
    case kindOfLink: {
      if (entry.size > longestLink) return;
      const linkname = await text(zip.plain(entry));
      if (staysInside(path, linkname)) packing.entry({ ...header, type: 'symlink', linkname });
      return;
    }
    default:
      await pipeline(zip.plain(entry), packing.entry({ ...header, size: entry.size }));
  }
}
