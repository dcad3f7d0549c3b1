import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, permanent } from '#errors';
import { type ZipEntry, type ZipMember, ZipWriter } from '#zip';
import { extract, type Header } from 'tar-stream';
import { safeName, staysInside } from './names.js';

/** What outputs may be, whoever made them. */
export interface OutputLimits {
  readonly mostFiles: number;
  /** All of them together, unpacked. */
  readonly mostBytes: number;
}

/** How long the zip is, and where in it each file lies. */
export interface Zipped {
  readonly bytes: number;
  readonly entries: readonly ZipEntry[];
}

const gzipMagic = Buffer.from([0x1f, 0x8b]);
const kindOfFile = 0o100_000;
const kindOfDirectory = 0o040_000;
const kindOfLink = 0o120_000;

/**
 * Turns the tar that a job sent (compressed or not) into a zip. Names are hostile: none leaves the directory, and a link
 * that would is left out, as is what is neither file, directory nor link.
 *
 * @throws permanent `outputs.malformed`, `outputs.too_large`
 */
export async function tarToZip(tarPath: string, zip: FileHandle, limits: OutputLimits): Promise<Zipped> {
  const writer = new ZipWriter(zip);
  const first = await firstBytes(tarPath);
  const unpacking = extract();
  const budget = { bytes: 0, files: 0 };
  const source = createReadStream(tarPath);
  // Padding and what follows the end are no part of any member: a gigabyte of zeros costs no more than reading it.
  const adding = (async () => {
    const seen = new Set<string>();
    for await (const member of unpacking) {
      const { header } = member;
      budget.files += 1;
      budget.bytes += header.size ?? 0;
      if (budget.files > limits.mostFiles || budget.bytes > limits.mostBytes)
        throw permanent(
          'outputs.too_large',
          `more than ${limits.mostFiles} files or ${limits.mostBytes} bytes unpacked`,
        );
      const path = safePath(header);
      if (path === undefined || seen.has(path)) {
        member.resume();
        continue;
      }
      seen.add(path);
      await addMember(writer, { ...memberOf(header), path }, header, member);
    }
  })();
  const stages = first.equals(gzipMagic)
    ? pipeline(source, createGunzip(), unpacking)
    : pipeline(source, unpacking);
  const results = await Promise.allSettled([stages, adding]);
  for (const result of [results[1], results[0]])
    if (result.status === 'rejected') throw malformed(result.reason);
  return { bytes: await writer.end(), entries: writer.entries };
}

async function addMember(
  writer: ZipWriter,
  member: ZipMember,
  header: Header,
  content: AsyncIterable<unknown> & { resume(): unknown },
): Promise<void> {
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return writer.add({ ...member, mode: member.mode | kindOfFile }, Readable.from(content));
    case 'directory':
      content.resume();
      return writer.add(
        { ...member, path: `${member.path}/`, mode: member.mode | kindOfDirectory },
        Buffer.alloc(0),
      );
    case 'link': {
      content.resume();
      const target = safeName(header.linkname ?? '');
      if (target !== undefined) await writer.addAgain({ ...member, mode: member.mode | kindOfFile }, target);
      return;
    }
    default:
      content.resume();
      if (header.type === 'symlink' && staysInside(member.path, header.linkname ?? ''))
        await writer.add({ ...member, mode: 0o777 | kindOfLink }, Buffer.from(header.linkname ?? ''));
  }
}

const memberOf = ({ mode, mtime }: Header): Omit<ZipMember, 'path'> => ({
  mode: (mode ?? 0o644) & 0o777,
  modified: mtime ?? new Date(0),
});

const safePath = (header: Header): string | undefined => safeName(header.name);

async function firstBytes(path: string): Promise<Buffer> {
  for await (const piece of createReadStream(path, { end: 1 }) as AsyncIterable<Buffer>) return piece;
  return Buffer.alloc(0);
}

/** A disk that fails says nothing about the archive. */
function malformed(cause: unknown): unknown {
  if (cause instanceof AppError || (typeof cause === 'object' && cause !== null && 'syscall' in cause))
    return cause;
  return permanent('outputs.malformed', 'the outputs are no tar archive', { cause });
}
