import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { gzipMembers, mergedZip, selected, type ZipPart } from '#zip';
import { z } from 'zod';
import type { ArtifactPlan } from '../domain/composing/index.js';

const made = z.object({
  /** Files and links, without directories. */
  files: z.number(),
  bytes: z.number(),
  sha256: z.string(),
});

/** What is to be uploaded, as it lies in its file. */
export type Made = z.output<typeof made>;

/** Nothing is to be uploaded, or, in these words, it cannot be. */
export type Making = Made | 'nothing' | { readonly problem: string };

/**
 * Makes the file of an upload. Once it is there it stays as it is: GitLab takes the same bytes again, and no others.
 *
 * @param path of the file; beside it lies what it is, once it is whole
 * @throws permanent `zip.malformed`
 */
export async function makeArtifact(
  { format }: Pick<ArtifactPlan, 'format'>,
  parts: readonly ZipPart[],
  path: string,
): Promise<Making> {
  const known = await whatIsMade(path);
  if (known) return known;
  const { files, entries } = await count(parts);
  if (entries === 0) return 'nothing';
  if (format === 'raw' && files !== 1)
    return { problem: `only one file can be uploaded as it is, not ${files}` };
  if (format === 'gzip' && files === 0) return 'nothing';
  const { bytes, sha256 } = await write(piecesOf(format, parts), `${path}.part`);
  await rename(`${path}.part`, path);
  const about: Made = { files, bytes, sha256 };
  await write([Buffer.from(JSON.stringify(about))], `${path}.json.part`);
  await rename(`${path}.json.part`, `${path}.json`);
  return about;
}

async function whatIsMade(path: string): Promise<Made | undefined> {
  const text = await readFile(`${path}.json`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : made.parse(JSON.parse(text));
}

const directoryKind = 0o040_000;
const kindMask = 0o170_000;

const isDirectory = ({ mode, path }: { readonly mode: number; readonly path: string }): boolean =>
  (mode & kindMask) === directoryKind || path.endsWith('/');

async function count(parts: readonly ZipPart[]): Promise<{ files: number; entries: number }> {
  let [files, entries] = [0, 0];
  for (const part of parts)
    for await (const { entry } of selected(part)) {
      entries += 1;
      if (!isDirectory(entry)) files += 1;
    }
  return { files, entries };
}

async function* piecesOf(format: ArtifactPlan['format'], parts: readonly ZipPart[]): AsyncGenerator<Buffer> {
  if (format === 'zip') yield* mergedZip(parts);
  for (const part of parts)
    if (format === 'gzip') yield* gzipMembers(part);
    else if (format === 'raw')
      for await (const { entry } of selected(part))
        if (!isDirectory(entry)) yield* part.zip.plain(entry) as AsyncIterable<Buffer>;
}

/** Synced to the disk: what GitLab has once must not be other bytes after a power failure. */
async function write(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  path: string,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'w', 0o600);
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}
