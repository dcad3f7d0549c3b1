import { createReadStream } from 'node:fs';
import { copyFile, constants, link, mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { permanent, temporary } from '#errors';
import { hashFor, parseDigest } from '../registry/digest.js';
import { makeRoom } from './cache-files.js';
import { CacheOwner } from './cache-owner.js';
import type { Growth } from './growth.js';
import { PartialBlob } from './partial-blob.js';
import { SharedWork } from './shared-work.js';

/** Where blobs are kept, and how many. */
export interface BlobCacheOptions {
  /** Absolute path; made when it is not there. Several processes, on several hosts too, may share it. */
  readonly directory: string;
  /** Bytes that are kept for the next image; what is in use may go beyond. */
  readonly limitBytes: number;
}

/** A blob in use: its file stays until it is released, whoever empties the cache. */
export interface BlobLease {
  readonly digest: string;
  /** The whole, verified blob. */
  readonly path: string;
  release(): Promise<void>;
}

/** A blob that is being written: its file may be read from the beginning, and stays until it is released. */
export interface ArrivingBlob {
  readonly path: string;
  readonly growth: Growth;
  release(): Promise<void>;
}

/** Brings a blob into its file, from where that already is; `finish` is called afterwards. */
export type FillBlob = (blob: PartialBlob, signal: AbortSignal) => Promise<void>;

/**
 * Blobs on disk, named by their content. A blob appears by a rename once it is whole and verified; what a crash left
 * unfinished is taken up again; what another process wrote is verified again at its first use.
 */
export class BlobCache {
  private readonly verified = new Map<string, bigint>();
  private readonly filling = new SharedWork<void>();
  private lastLook: Promise<void> = Promise.resolve();
  /** One that has not begun yet, and the bytes that it is to make room for. */
  private nextLook: Promise<void> | undefined;
  private wantedBytes = 0;
  /** Bytes that the last look left, and those that came since it began: no less than there are. */
  private leftBytes = 0;
  private newBytes = 0;

  private constructor(
    private readonly options: BlobCacheOptions,
    private readonly owner: CacheOwner,
  ) {}

  /** Opens the cache; fails with `cache.unusable` when the directory cannot be written. */
  static async open(options: BlobCacheOptions): Promise<BlobCache> {
    try {
      await mkdir(join(options.directory, 'blobs'), { recursive: true, mode: 0o700 });
      return new BlobCache(options, await CacheOwner.enter(options.directory));
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? '';
      throw permanent('cache.unusable', `no blob cache at ${options.directory}: ${code}`, { cause });
    }
  }

  /**
   * The blob, from the cache or through `fill`; those who ask for the same one at once share one fill. Who began it hears
   * through `onArriving` when some of it can be read.
   */
  async acquire(
    digest: string,
    size: number,
    signal: AbortSignal,
    fill: FillBlob,
    onArriving?: (arriving: ArrivingBlob) => void,
  ): Promise<BlobLease> {
    const fillCache = async (blob: PartialBlob, shared: AbortSignal): Promise<void> => {
      if (onArriving) void blob.begun.then(() => this.announce(blob, digest, onArriving));
      await fill(blob, shared);
    };
    for (let tries = 0; tries < 3; tries++) {
      const lease = await this.lease(digest, size);
      if (lease) return lease;
      await this.filling.join(digest, signal, (shared) => this.fill(digest, size, shared, fillCache));
    }
    throw temporary('cache.contended', `${digest} leaves the cache faster than it can be read`);
  }

  /** Stores a blob whose digest is found out while it arrives. */
  async add(size: number, fill: (blob: PartialBlob) => Promise<void>): Promise<BlobLease> {
    await this.makeRoom(size);
    const path = this.owner.fresh('partial', 'unnamed');
    const blob = await PartialBlob.open(path, undefined, size);
    let digest: string;
    try {
      await fill(blob);
      digest = await blob.finish();
      await blob.close();
    } catch (error) {
      await blob.close();
      await rm(path, { force: true });
      throw error;
    }
    await this.keep(path, digest);
    const lease = await this.lease(digest, size);
    if (lease) return lease;
    throw temporary('cache.contended', `${digest} left the cache before it could be read`);
  }

  /** Stops what is under way and lets go of every lease. */
  async close(): Promise<void> {
    await this.filling.stop();
    await this.owner.leave();
  }

  private pathOf(digest: string): string {
    const { algorithm, hex } = parseDigest(digest);
    return join(this.options.directory, 'blobs', hex.slice(0, 2), `${algorithm}-${hex}`);
  }

  private async lease(digest: string, size: number): Promise<BlobLease | undefined> {
    const blob = this.pathOf(digest);
    const path = this.owner.fresh('lease', shortName(digest));
    try {
      await link(blob, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw temporary('cache.write_failed', 'the blob cache cannot make hard links', { cause: error });
    }
    if (!(await this.isSound(path, digest, size))) {
      await rm(path, { force: true });
      await rm(blob, { force: true });
      return undefined;
    }
    const now = new Date();
    await utimes(path, now, now);
    return { digest, path, release: () => this.release(path) };
  }

  /** A link of its own: the file takes its name in the cache once it is whole. */
  private async announce(
    { path, growth }: PartialBlob,
    digest: string,
    onArriving: (arriving: ArrivingBlob) => void,
  ): Promise<void> {
    const own = this.owner.fresh('lease', shortName(digest));
    const isThere = await link(path, own).then(
      () => true,
      // It is whole already.
      () => false,
    );
    if (isThere) onArriving({ path: own, growth, release: () => rm(own, { force: true }) });
  }

  private async isSound(path: string, digest: string, size: number): Promise<boolean> {
    const info = await stat(path, { bigint: true });
    if (info.size !== BigInt(size)) return false;
    if (this.verified.get(digest) === info.ino) return true;
    const hash = hashFor(digest);
    await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
    const sound = hash.digest('hex') === parseDigest(digest).hex;
    if (sound) this.verified.set(digest, info.ino);
    return sound;
  }

  /** Those who ask at once share one look at the cache: an image's blobs come together, and go together. */
  private makeRoom(needed: number): Promise<void> {
    this.wantedBytes += needed;
    this.nextLook ??= this.lastLook.then(() => {
      const look = this.look(this.wantedBytes);
      this.wantedBytes = 0;
      this.nextLook = undefined;
      this.lastLook = look.catch(() => undefined);
      return look;
    });
    return this.nextLook;
  }

  private async look(needed: number): Promise<void> {
    // What the dead were reading would otherwise count as in use.
    await this.owner.buryTheDead();
    this.newBytes = 0;
    this.leftBytes = await makeRoom(this.options.directory, this.options.limitBytes, needed);
  }

  private async release(path: string): Promise<void> {
    await rm(path, { force: true });
    // Nothing has to go because nobody reads it any more, unless there was too much.
    if (this.leftBytes + this.newBytes > this.options.limitBytes) await this.makeRoom(0);
  }

  private async fill(digest: string, size: number, signal: AbortSignal, fill: FillBlob): Promise<void> {
    await this.makeRoom(size);
    const name = digest.replace(':', '-');
    const path = await this.begin(name);
    const blob = await PartialBlob.open(path, digest, size);
    try {
      await fill(blob, signal);
      await blob.finish();
      await blob.close();
    } catch (error) {
      blob.spoil();
      await blob.close();
      await this.giveUp(path, name, error);
      throw error;
    }
    await this.keep(path, digest);
  }

  /** A file to write into: with what an earlier try left, or new. */
  private async begin(name: string): Promise<string> {
    const path = this.owner.fresh('partial', name);
    const orphan = await this.owner.adopt(name);
    if (orphan) {
      // A copy: whoever left it may only have been asleep, and would write into the same file again.
      await copyFile(orphan, path, constants.COPYFILE_FICLONE).catch(() => rm(path, { force: true }));
      await rm(orphan, { force: true });
    }
    return path;
  }

  /** What is wrong must not be taken up again, and a full disk needs the room. */
  private async giveUp(path: string, name: string, error: unknown): Promise<void> {
    const code = (error as { code?: unknown }).code;
    const isUseless = code === 'cache.write_failed' || String(code).endsWith('_mismatch');
    if (isUseless) await rm(path, { force: true });
    else await this.owner.orphan(path, name);
  }

  private async keep(path: string, digest: string): Promise<void> {
    const blob = this.pathOf(digest);
    try {
      await mkdir(dirname(blob), { recursive: true, mode: 0o700 });
      const { ino, size } = await stat(path, { bigint: true });
      this.verified.set(digest, ino);
      await rename(path, blob);
      this.newBytes += Number(size);
    } catch (cause) {
      throw temporary('cache.write_failed', `${digest} could not be put into the blob cache`, { cause });
    }
  }
}

const shortName = (digest: string): string => digest.slice(0, 20).replace(':', '-');
