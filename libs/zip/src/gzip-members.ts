import { deflateRawSync } from 'node:zlib';
import { permanent } from '#errors';
import { selected, type ZipPart } from './merged-zip.js';

const kindMask = 0o170_000;
const kindOfFile = 0o100_000;
const hasNameAndComment = 0x18;
const madeByUnix = 3;
/** What is stored as it is becomes one block, so it has to fit into memory: only links and directories are. */
const mostStored = 1 << 20;

/**
 * The files of a part as gzip (RFC 1952): a member for each, with its name and, as its comment, its path. What is
 * compressed stays so. What is no file is left out.
 *
 * @throws permanent `zip.malformed`
 */
export async function* gzipMembers(part: ZipPart): AsyncGenerator<Buffer> {
  for await (const { entry, path } of selected(part)) {
    if ((entry.mode & kindMask) !== kindOfFile) continue;
    yield header(path, entry.modified);
    if (entry.isDeflated) yield* part.zip.packed(entry);
    else {
      if (entry.size > mostStored) throw permanent('zip.malformed', `${path} is not compressed`);
      const pieces: Buffer[] = [];
      for await (const piece of part.zip.packed(entry)) pieces.push(piece);
      yield deflateRawSync(Buffer.concat(pieces));
    }
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(entry.crc, 0);
    trailer.writeUInt32LE(entry.size % 2 ** 32, 4);
    yield trailer;
  }
}

function header(path: string, modified: Date): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.set([0x1f, 0x8b, 8, hasNameAndComment]);
  fixed.writeUInt32LE(Math.max(0, Math.floor(modified.getTime() / 1_000)) % 2 ** 32, 4);
  fixed[9] = madeByUnix;
  const [name = path] = path.split('/').slice(-1);
  return Buffer.concat([fixed, Buffer.from(`${name}\0${path}\0`)]);
}
