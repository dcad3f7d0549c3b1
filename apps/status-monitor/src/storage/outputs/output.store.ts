import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { databaseError } from '#database';
import { permanent, temporary, toAppError } from '#errors';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Attempt } from '../../domain/attempt.js';
import { diskCodeOf } from '../disk-code.js';
import { type OutputLimits, tarToZip, type Zipped } from './tar-to-zip.js';

/** Whose outputs they are; the month of `madeAt` is part of their path, so that a month can go at once. */
export type OutputsOf = Pick<Attempt, 'id' | 'madeAt'>;

/** A file of the outputs, and where its bytes lie in the zip. */
const storedFile = z.object({
  path: z.string(),
  size: z.number(),
  packedSize: z.number(),
  isDeflated: z.boolean(),
  dataAt: z.number(),
  mode: z.number(),
});

/** `dataAt` and `packedSize` are bytes of the zip, so that one file is read without the others. */
export type StoredFile = z.output<typeof storedFile>;

/** The zip of an attempt's outputs with its digest, by which readers check what they got. */
export interface StoredOutputs {
  readonly zipPath: string;
  readonly zipBytes: number;
  readonly zipSha256: string;
  readonly storedAt: Date;
  readonly files: readonly StoredFile[];
}

/** `refused`: the same archive would be refused again; the status is what the job is answered. */
export type Storing =
  | { readonly kind: 'stored'; readonly zipBytes: number }
  | { readonly kind: 'refused'; readonly status: 413 | 422; readonly why: string };

interface Row {
  readonly sha256: string;
  readonly zip_bytes: string;
  readonly zip_sha256: string;
  readonly files: unknown;
  readonly stored_at: Date;
}

const mostFiles = 100_000;
/** What is unpacked may be larger than what was sent, but not without end. */
const mostUnpacked = 20;
const silenceMs = 60_000;
const incoming = 'incoming';
/** Parts that a process left behind when it died. */
const staleMs = 86_400_000;

/** The outputs of attempts: a zip each, in a directory that all copies of the service share. */
export class OutputStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly directory: string,
    /** As they are sent, in bytes. */
    readonly mostBytes: number,
  ) {}

  /**
   * Takes a tar in and keeps it as a zip, once it has the size and the digest that were promised. The same again is
   * fine, and does nothing.
   *
   * @throws temporary `outputs.interrupted`, `outputs.no_space`, `database.unavailable`
   */
  async store(
    of: OutputsOf,
    body: Readable,
    promised: { readonly size: number; readonly sha256: string },
    stillAlive: () => void = () => {},
  ): Promise<Storing> {
    if (promised.size > this.mostBytes)
      return { kind: 'refused', status: 413, why: `more than ${this.mostBytes} bytes` };
    const known = await this.row(of);
    if (known?.sha256 === promised.sha256) {
      body.resume();
      return { kind: 'stored', zipBytes: Number(known.zip_bytes) };
    }
    const part = join(this.directory, incoming, randomUUID());
    await mkdir(join(this.directory, incoming), { recursive: true });
    try {
      await this.receive(body, part, promised, stillAlive);
      return { kind: 'stored', zipBytes: await this.keep(of, part, promised.sha256) };
    } catch (thrown) {
      const error = fromDisk(thrown);
      if (error.temporary) throw error;
      return { kind: 'refused', status: error.code === 'outputs.too_large' ? 413 : 422, why: error.message };
    } finally {
      await rm(part, { force: true });
      await rm(`${part}.zip`, { force: true });
    }
  }

  async find(of: OutputsOf): Promise<StoredOutputs | undefined> {
    const row = await this.row(of);
    if (!row) return undefined;
    return {
      zipPath: this.zipPath(of, row.sha256),
      zipBytes: Number(row.zip_bytes),
      zipSha256: row.zip_sha256,
      storedAt: row.stored_at,
      files: z.array(storedFile).parse(row.files),
    };
  }

  /** Where the zip lies, of those that there is one of. */
  async zipOf(of: OutputsOf): Promise<string | undefined> {
    const [row] = await this.dataSource
      .query<{ sha256: string }[]>(
        'select sha256 from attempt_outputs where attempt_id = $1 and made_at = $2',
        [of.id, of.madeAt],
      )
      .catch(rethrow);
    return row && this.zipPath(of, row.sha256);
  }

  /** Removes what was begun and never ended, and the outputs of months that are forgotten. */
  async sweep(now = new Date()): Promise<void> {
    const [row] = await this.dataSource
      .query<{ oldest: Date | null }[]>('select min(made_at) as oldest from job_group')
      .catch(rethrow);
    const oldest = row?.oldest ?? now;
    const parts = await readdir(join(this.directory, incoming)).catch(() => []);
    for (const part of parts) {
      const path = join(this.directory, incoming, part);
      const age = now.getTime() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? now.getTime());
      if (age > staleMs) await rm(path, { force: true });
    }
    const months = await readdir(this.directory).catch(() => []);
    for (const month of months)
      if (/^\d{4}-\d{2}$/.test(month) && month < monthOf(oldest))
        await rm(join(this.directory, month), { recursive: true, force: true });
  }

  private async receive(
    body: Readable,
    part: string,
    promised: { readonly size: number; readonly sha256: string },
    stillAlive: () => void,
  ): Promise<void> {
    const hash = createHash('sha256');
    let size = 0;
    let heard = Date.now();
    const silence = (): void => {
      if (Date.now() - heard > silenceMs)
        body.destroy(temporary('outputs.interrupted', 'nothing came any more'));
      else stillAlive();
    };
    const timer = setInterval(silence, silenceMs / 4);
    try {
      await pipeline(
        body,
        async function* (pieces: AsyncIterable<Buffer>) {
          for await (const piece of pieces) {
            heard = Date.now();
            size += piece.length;
            if (size > promised.size) throw permanent('outputs.malformed', 'more came than was promised');
            hash.update(piece);
            yield piece;
          }
        },
        createWriteStream(part, { flags: 'wx', mode: 0o600 }),
      );
    } finally {
      clearInterval(timer);
    }
    if (size < promised.size) throw temporary('outputs.interrupted', 'less came than was promised');
    if (hash.digest('hex') !== promised.sha256)
      throw temporary('outputs.damaged', 'what came has another SHA-256 than was promised');
  }

  private async keep(of: OutputsOf, part: string, sha256: string): Promise<number> {
    const limits = { mostFiles, mostBytes: this.mostBytes * mostUnpacked };
    const { bytes, entries } = await zipped(part, limits);
    const zipSha256 = await digestOf(`${part}.zip`);
    const path = this.zipPath(of, sha256);
    await mkdir(join(path, '..'), { recursive: true });
    await rename(`${part}.zip`, path);
    const files = entries.map(({ path: name, size, packedSize, isDeflated, dataAt, mode }) => {
      return { path: name, size, packedSize, isDeflated, dataAt, mode } satisfies StoredFile;
    });
    const before = await this.row(of);
    await this.dataSource
      .query(
        `insert into attempt_outputs as o (attempt_id, made_at, sha256, zip_bytes, zip_sha256, files)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (attempt_id, made_at) do update set sha256 = excluded.sha256, zip_bytes = excluded.zip_bytes,
           zip_sha256 = excluded.zip_sha256, files = excluded.files, stored_at = now()`,
        [of.id, of.madeAt, sha256, bytes, zipSha256, JSON.stringify(files)],
      )
      .catch(rethrow);
    if (before && before.sha256 !== sha256) await rm(this.zipPath(of, before.sha256), { force: true });
    return bytes;
  }

  // The digest is in the name: whoever is reading the ones before still has them.
  private zipPath({ id, madeAt }: OutputsOf, sha256: string): string {
    return join(this.directory, monthOf(madeAt), `${id}-${sha256.slice(0, 16)}.zip`);
  }

  private async row({ id, madeAt }: OutputsOf): Promise<Row | undefined> {
    const [row] = await this.dataSource
      .query<Row[]>(
        'select sha256, zip_bytes, zip_sha256, files, stored_at from attempt_outputs where attempt_id = $1 and made_at = $2',
        [id, madeAt],
      )
      .catch(rethrow);
    return row;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}

async function zipped(part: string, limits: OutputLimits): Promise<Zipped> {
  const zip = await open(`${part}.zip`, 'wx+', 0o600);
  try {
    return await tarToZip(part, zip, limits);
  } finally {
    await zip.close();
  }
}

const monthOf = (date: Date): string => date.toISOString().slice(0, 7);

function rethrow(thrown: unknown): never {
  throw databaseError(thrown) ?? thrown;
}

function fromDisk(thrown: unknown): ReturnType<typeof toAppError> {
  const code = diskCodeOf(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return temporary('outputs.no_space', 'no space is left where outputs are kept', {
      cause: thrown,
      level: 'error',
    });
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
    return temporary('outputs.interrupted', 'the connection was cut', { cause: thrown, level: 'info' });
  return toAppError(thrown);
}
