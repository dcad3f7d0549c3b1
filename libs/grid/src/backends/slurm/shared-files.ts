import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { transferredFiles } from '../../backend.js';
import { exitFile, placeOfJob, type SharedPlace } from './batch-script.js';
import { partsOf } from './slurm-job.js';

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants;
const mostLogBytes = 1_048_576;

/** Copies what a job left into a directory; gives the names of what there was. */
export async function collectFiles(
  place: SharedPlace,
  batchId: string,
  directory: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of transferredFiles) {
    signal.throwIfAborted();
    await withFile(place, batchId, name, async (file) => {
      await pipeline(file.createReadStream({ autoClose: false }), createWriteStream(join(directory, name)), {
        signal,
      });
      found.push(name);
    });
  }
  return found;
}

/** What Slurm wrote of a job's standard output, its last part; undefined where there is none. */
export async function standardOutput(place: SharedPlace, batchId: string): Promise<string | undefined> {
  if (partsOf(batchId) === undefined) return undefined;
  const file = await regularFile(placeOfJob(place, batchId).output);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, mostLogBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

/** The exit code that a job left behind, whatever Slurm still knows of it. */
export async function leftOver(place: SharedPlace, batchId: string): Promise<number | undefined> {
  let exitCode: number | undefined;
  await withFile(place, batchId, exitFile, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const [, digits] = /^(\d{1,3})\n/.exec(buffer.subarray(0, bytesRead).toString('latin1')) ?? [];
    if (digits !== undefined) exitCode = Number(digits);
  });
  return exitCode;
}

/** Removes what a job left behind. */
export async function removeFiles(place: SharedPlace, batchId: string): Promise<void> {
  if (partsOf(batchId) === undefined) return;
  const { files, output } = placeOfJob(place, batchId);
  for (const path of [files, output]) await rm(path, { recursive: true, force: true });
}

/**
 * Opens a file of a job's. The job could have put anything there: a link to a file of ours, a pipe that never ends.
 * Neither the directory nor the file is followed where it is a link.
 */
async function withFile(
  place: SharedPlace,
  batchId: string,
  name: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  if (partsOf(batchId) === undefined) return;
  const directory = await opened(placeOfJob(place, batchId).files, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (directory === undefined) return;
  try {
    const file = await regularFile(`/proc/self/fd/${directory.fd}/${name}`);
    try {
      if (file !== undefined) await use(file);
    } finally {
      await file?.close();
    }
  } finally {
    await directory.close();
  }
}

async function regularFile(path: string): Promise<FileHandle | undefined> {
  const file = await opened(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

/** Undefined for what is not there, or is a link where none may be. */
async function opened(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') return undefined;
    throw error;
  }
}
