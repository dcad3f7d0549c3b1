import { createHash } from 'node:crypto';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { type Artifact, type TestJob } from '../index.js';
import { userOutputOf } from './user-output.js';

/** What a job came to, as far as it must be the same whoever ran it. */
export interface JobOutcome {
  readonly state: string;
  readonly exitCode: number | null;
  readonly failureReason: string | null;
  readonly allowedToFail: boolean;
  /** What the user's own commands wrote, line by line. */
  readonly output: readonly string[];
  /** Of each artifact its type, name, format, time and files; of an archive's files also whether they are programs or links. */
  readonly artifacts: Readonly<Record<string, ArtifactOutcome>>;
}

/** An upload; of each file its kind and content, or its SHA-256 from 300 bytes on. */
export interface ArtifactOutcome {
  readonly filename: string;
  readonly format: string;
  /** As the definition has it. */
  readonly expireIn: string | null;
  readonly files: Readonly<Record<string, string>>;
}

/** A job that is over, without what differs from run to run: times, ids, words of the runner. */
export function outcomeOf(job: TestJob): JobOutcome {
  return {
    state: job.state,
    exitCode: job.exitCode ?? null,
    failureReason: job.failureReason ?? null,
    allowedToFail: job.allowedToFail,
    output: userOutputOf(job.trace.toString('utf8')),
    artifacts: Object.fromEntries(
      job.artifacts
        .filter(({ type }) => type !== 'metadata')
        .map((artifact) => [
          artifact.type,
          {
            filename: artifact.filename,
            format: artifact.format,
            expireIn: artifact.expireIn ?? null,
            files: filesOf(artifact),
          },
        ]),
    ),
  };
}

function filesOf({ bytes, format }: Artifact): Readonly<Record<string, string>> {
  if (format === 'zip') return Object.fromEntries(zipEntries(bytes));
  return { '': shown(format === 'gzip' ? gunzipSync(bytes) : bytes) };
}

/** The files of a zip: by its central directory alone, of which each entry leads to its bytes. */
function zipEntries(zip: Buffer): readonly (readonly [string, string])[] {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (end < 0) throw new Error('no zip');
  const entries: (readonly [string, string])[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== 0x02_01_4b_50) throw new Error('no entry where one should be');
    const lengths = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const [name = 0, extra = 0, comment = 0] = lengths;
    const path = zip.subarray(at + 46, at + 46 + name).toString('utf8');
    const mode = zip.readUInt32LE(at + 38) >>> 16;
    if (!path.endsWith('/')) entries.push([path, `${kindOf(mode)}${shown(contentOf(zip, at))}`]);
    at += 46 + name + extra + comment;
  }
  return entries.sort(([one], [other]) => (one < other ? -1 : 1));
}

function contentOf(zip: Buffer, entry: number): Buffer {
  const [size, local] = whereabouts(zip, entry);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(start, start + size);
  return zip.readUInt16LE(entry + 10) === 8 ? inflateRawSync(bytes) : bytes;
}

/** The packed size and the place of an entry, which may stand in the extra field of ZIP64 instead. */
function whereabouts(zip: Buffer, entry: number): readonly [size: number, local: number] {
  const short = [24, 20, 42].map((offset) => zip.readUInt32LE(entry + offset));
  let at = entry + 46 + zip.readUInt16LE(entry + 28);
  const end = at + zip.readUInt16LE(entry + 30);
  while (at < end && zip.readUInt16LE(at) !== 1) at += 4 + zip.readUInt16LE(at + 2);
  at += 4;
  const [, size = 0, local = 0] = short.map((value) => {
    if (value !== 0xff_ff_ff_ff) return value;
    at += 8;
    return Number(zip.readBigUInt64LE(at - 8));
  });
  return [size, local];
}

function kindOf(mode: number): string {
  if ((mode & 0o170_000) === 0o120_000) return 'link ';
  return (mode & 0o100) === 0 ? 'file ' : 'program ';
}

function shown(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return bytes.length < 300 ? text : createHash('sha256').update(bytes).digest('hex');
}
