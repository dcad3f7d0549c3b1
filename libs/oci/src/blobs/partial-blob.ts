import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { permanent, temporary, type AppError } from '#errors';
import { parseDigest } from '../registry/digest.js';
import { endGrowth, newGrowth, ringGrowth, spoilGrowth } from './growth.js';
import { ReceivedMemory } from './received-memory.js';
import { freeChunks } from './spent-chunks.js';

/** What was received is gathered to so many bytes before it is written: few, large writes. */
const flushBytes = 1024 * 1024;

/** One for all blobs, as their chunks are in one heap. */
const memory = new ReceivedMemory();

/** A blob that is being written: hashed while it arrives, never longer than announced. */
export class PartialBlob {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** Those of the waiting chunks that nobody else looks at. */
  private given: Buffer[] = [];
  private hash: Hash;
  private bytes = 0;
  /** For those who read the file while it is written. */
  readonly growth = newGrowth();
  private tellBegun = (): void => undefined;
  /** Resolves once some of it is in the file; never, if that does not come to pass. */
  readonly begun = new Promise<void>((resolve) => {
    this.tellBegun = resolve;
  });

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    /** Nothing while the digest is still to be found out. */
    private readonly digest: string | undefined,
    /** Bytes that it will have when it is whole. */
    readonly size: number,
  ) {
    this.hash = this.freshHash();
  }

  /** Opens a new file, or goes on with one that is there: what it holds is hashed first. */
  static async open(path: string, digest: string | undefined, size: number): Promise<PartialBlob> {
    try {
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
      const blob = new PartialBlob(path, await open(path, flags, 0o600), digest, size);
      await blob.takeUp();
      return blob;
    } catch (error) {
      throw writeError(error);
    }
  }

  /** Bytes that are here, verified so far or not. */
  get received(): number {
    return this.bytes;
  }

  /**
   * Takes more of the blob; what it returns is to be waited for before the next. Throws `registry.size_mismatch` for more
   * than its size, rejects with `cache.write_failed` when the disk is full. The memory of a chunk that is given away is
   * freed once it is written.
   */
  append(chunk: Buffer, isGiven = false): Promise<void> | undefined {
    if (this.bytes + chunk.length > this.size)
      throw mismatch('size', `there is more of it than ${this.size} bytes`);
    this.bytes += chunk.length;
    this.hash.update(chunk);
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    if (isGiven) this.given.push(chunk);
    else memory.count(chunk.length);
    return this.waitingBytes >= flushBytes ? this.flush() : undefined;
  }

  /** Throws away what is here. */
  async restart(): Promise<void> {
    this.spoil();
    this.waiting = [];
    this.given = [];
    this.waitingBytes = 0;
    this.bytes = 0;
    this.hash = this.freshHash();
    await this.file.truncate(0);
  }

  /** Tells those who read it meanwhile that what they have counts for nothing. */
  spoil(): void {
    spoilGrowth(this.growth);
  }

  /**
   * The digest of the whole blob. Fails when it is not the one announced: `registry.digest_mismatch` or
   * `registry.size_mismatch`, permanent.
   */
  async finish(): Promise<string> {
    await this.flush();
    if (this.bytes !== this.size)
      throw mismatch('size', `it has ${this.bytes} bytes instead of ${this.size}`);
    const { algorithm, hex } = this.digest === undefined ? found : parseDigest(this.digest);
    const own = this.hash.copy().digest('hex');
    if (hex !== '' && own !== hex) throw mismatch('digest', `its content is not ${this.digest}`);
    endGrowth(this.growth);
    return `${algorithm}:${own}`;
  }

  /** Writes what is gathered and closes the file. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.file.close();
  }

  private async flush(): Promise<void> {
    if (this.waitingBytes === 0) return;
    const [chunks, given] = [this.waiting, this.given];
    const position = this.bytes - this.waitingBytes;
    const expected = this.waitingBytes;
    this.waiting = [];
    this.given = [];
    this.waitingBytes = 0;
    try {
      const { bytesWritten } = await this.file.writev(chunks, position);
      if (bytesWritten < expected) {
        const rest = Buffer.concat(chunks).subarray(bytesWritten);
        await this.file.write(rest, 0, rest.length, position + bytesWritten);
      }
    } catch (error) {
      throw writeError(error);
    }
    freeChunks(given);
    ringGrowth(this.growth);
    this.tellBegun();
  }

  private async takeUp(): Promise<void> {
    const { size } = await this.file.stat();
    if (size === 0) return;
    if (size > this.size) await this.file.truncate(0);
    const buffer = Buffer.allocUnsafe(flushBytes);
    for (;;) {
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, this.bytes);
      if (bytesRead === 0) return;
      this.hash.update(buffer.subarray(0, bytesRead));
      this.bytes += bytesRead;
    }
  }

  private freshHash(): Hash {
    return createHash(this.digest === undefined ? found.algorithm : parseDigest(this.digest).algorithm);
  }
}

/** What a blob of unknown digest is named by. */
const found = { algorithm: 'sha256', hex: '' } as const;

const mismatch = (what: 'size' | 'digest', why: string): AppError =>
  permanent(`registry.${what}_mismatch`, `the blob is not what its manifest says: ${why}`);

/** A disk that is full or broken now may be well later. */
function writeError(cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  const hint =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk of the blob cache is full' : 'the blob cache failed';
  return temporary('cache.write_failed', `${hint} (${code})`, { cause, level: 'error' });
}
