import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { jobFault } from '#contracts';

/** What the supervisor knows of a job, in a file of its own, which is replaced as a whole. */
export const jobStatus = z.object({
  state: z.enum(['waiting', 'running', 'ended', 'gone']),
  pid: z.int().positive().optional(),
  /** When the process began, in ticks since the machine's start: a pid alone may be somebody else's by now. */
  pidSince: z.string().optional(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  exitCode: z.int().optional(),
  signal: z.int().optional(),
  reason: z.object({ fault: jobFault, words: z.string() }).optional(),
  memoryBytes: z.number().optional(),
  cpuSeconds: z.number().optional(),
  diskBytes: z.number().optional(),
});

/** A job as its status file has it; sizes in bytes, times as RFC 3339. */
export type JobStatus = z.output<typeof jobStatus>;

/** Undefined where there is none. */
export async function readStatus(path: string): Promise<JobStatus | undefined> {
  try {
    return jobStatus.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Replaces a job's status as a whole: who reads it meanwhile sees the old or the new one. */
export async function writeStatus(path: string, status: JobStatus): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, JSON.stringify(status));
  await rename(beside, path);
}

/** Whether a file is not there: of a job's files that is an answer, all else is an error. */
export const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT');

/** Whether it is an error of the file system with one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  typeof error.code === 'string' &&
  codes.includes(error.code);
