import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../registry/digest.js';
import { BlobCache, type ArrivingBlob, type BlobLease, type FillBlob } from './blob-cache.js';
import { isSpoilt } from './growth.js';
import type { PartialBlob } from './partial-blob.js';

const bytesOf = (letter: string, size = 1000) => Buffer.alloc(size, letter);
const never = new AbortController().signal;

describe('BlobCache', () => {
  let directory: string;
  const open: BlobCache[] = [];
  const cacheOf = async (limitBytes = 1e9) => {
    const cache = await BlobCache.open({ directory, limitBytes });
    open.push(cache);
    return cache;
  };
  const put = (cache: BlobCache, bytes: Buffer, signal = never): Promise<BlobLease> =>
    cache.acquire(digestOf(bytes), bytes.length, signal, async (blob) => blob.append(bytes));
  const stored = async () =>
    (await readdir(join(directory, 'blobs'), { recursive: true })).filter((n) => n.includes('-'));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-cache-'));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((cache) => cache.close()));
    await rm(directory, { recursive: true, force: true });
  });

  it('fetches a blob once and has it afterwards', async () => {
    const cache = await cacheOf();
    const bytes = bytesOf('a');
    const first = await put(cache, bytes);
    expect((await readFile(first.path)).equals(bytes)).toBe(true);
    const again = await cache.acquire(first.digest, bytes.length, never, () =>
      Promise.reject(new Error('fetched again')),
    );
    expect((await readFile(again.path)).equals(bytes)).toBe(true);
  });

  it('lets who fetches a blob read what is there of it, also once it is whole and emptied from the cache', async () => {
    const cache = await cacheOf();
    const bytes = bytesOf('a', 1_500_000);
    let goOn = (): void => undefined;
    const halted = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let lease: Promise<BlobLease> | undefined;
    const arriving = await new Promise<ArrivingBlob>((resolve) => {
      const fill: FillBlob = async (blob) => {
        await blob.append(bytes.subarray(0, 1_100_000));
        await halted;
        await blob.append(bytes.subarray(1_100_000));
      };
      lease = cache.acquire(digestOf(bytes), bytes.length, never, fill, resolve);
    });
    expect((await readFile(arriving.path)).equals(bytes.subarray(0, 1_100_000))).toBe(true);
    goOn();
    await (await lease)?.release();
    await rm(join(directory, 'blobs'), { recursive: true });
    expect((await readFile(arriving.path)).equals(bytes)).toBe(true);
    expect(isSpoilt(arriving.growth)).toBe(false);
    await arriving.release();
    await expect(readFile(arriving.path)).rejects.toThrow('ENOENT');
  });

  it.each([
    ['is begun anew', (blob: PartialBlob) => blob.restart()],
    ['fails', () => Promise.reject(new Error('broken'))],
  ])('tells who reads a blob meanwhile when its fetch %s', async (_, goWrong) => {
    const cache = await cacheOf();
    const bytes = bytesOf('a', 1_500_000);
    let lease: Promise<unknown> | undefined;
    const arriving = await new Promise<ArrivingBlob>((resolve) => {
      const fill: FillBlob = async (blob) => {
        await blob.append(bytesOf('b', 1_100_000));
        await announced;
        await goWrong(blob);
        await blob.append(bytes);
      };
      let tell = (): void => undefined;
      const announced = new Promise<void>((heard) => {
        tell = heard;
      });
      lease = cache
        .acquire(digestOf(bytes), bytes.length, never, fill, (one) => {
          resolve(one);
          tell();
        })
        .catch(() => undefined);
    });
    await lease;
    expect(isSpoilt(arriving.growth)).toBe(true);
  });

  it('lets those who want the same blob at once share one fetch', async () => {
    const cache = await cacheOf();
    const bytes = bytesOf('a');
    let fetches = 0;
    const leases = await Promise.all(
      [1, 2, 3].map(() =>
        cache.acquire(digestOf(bytes), bytes.length, never, async (blob) => {
          fetches++;
          await blob.append(bytes);
        }),
      ),
    );
    expect(fetches).toBe(1);
    expect(new Set(leases.map(({ path }) => path)).size).toBe(3);
  });

  it('goes on for the others when one of them leaves, and stops when the last has gone', async () => {
    const cache = await cacheOf();
    const bytes = bytesOf('a');
    const [one, two] = [new AbortController(), new AbortController()];
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    let begin: (signal: AbortSignal) => void = () => undefined;
    const begun = new Promise<AbortSignal>((resolve) => {
      begin = resolve;
    });
    const fill = async (blob: PartialBlob, signal: AbortSignal) => {
      begin(signal);
      await arrived;
      await blob.append(bytes);
    };
    const first = cache.acquire(digestOf(bytes), bytes.length, one.signal, fill);
    const second = cache.acquire(digestOf(bytes), bytes.length, two.signal, fill);
    const shared = await begun;
    one.abort();
    await expect(first).rejects.toMatchObject({ code: 'registry.aborted' });
    expect(shared.aborted).toBe(false);
    arrive();
    await expect(second).resolves.toMatchObject({ digest: digestOf(bytes) });
  });

  it('keeps nothing whose digest or size is wrong', async () => {
    const cache = await cacheOf();
    const digest = digestOf(bytesOf('a'));
    const wrong = (bytes: Buffer) => cache.acquire(digest, 1000, never, async (blob) => blob.append(bytes));
    await expect(wrong(bytesOf('b'))).rejects.toMatchObject({
      code: 'registry.digest_mismatch',
      temporary: false,
    });
    await expect(wrong(bytesOf('a', 999))).rejects.toMatchObject({ code: 'registry.size_mismatch' });
    await expect(wrong(bytesOf('a', 1001))).rejects.toMatchObject({ code: 'registry.size_mismatch' });
    expect(await stored()).toEqual([]);
    await expect(put(cache, bytesOf('a'))).resolves.toMatchObject({ digest: digestOf(bytesOf('a')) });
  });

  it('refuses a digest that is a path', async () => {
    const cache = await cacheOf();
    const hostile = cache.acquire('sha256:../../x', 1, never, () => Promise.resolve());
    await expect(hostile).rejects.toMatchObject({ code: 'image.invalid_digest' });
  });

  it('evicts what was not used for longest, and nothing that is in use, here or in another process', async () => {
    const [cache, other] = [await cacheOf(3500), await cacheOf(3500)];
    const leases = new Map<string, BlobLease>();
    for (const [index, letter] of ['a', 'b', 'c'].entries()) {
      const lease = await put(letter === 'a' ? other : cache, bytesOf(letter));
      leases.set(letter, lease);
      await utimes(lease.path, index, index);
    }
    await leases.get('b')?.release();
    await leases.get('c')?.release();
    await put(cache, bytesOf('d'));
    const left = (await stored()).map((name) => name.split('-').at(-1));
    const hexOf = (letter: string) => digestOf(bytesOf(letter)).slice(7);
    expect(new Set(left)).toEqual(new Set(['a', 'c', 'd'].map(hexOf)));
  });

  it('goes over its limit for as long as an image is in use, no longer', async () => {
    const cache = await cacheOf(1500);
    const leases = [await put(cache, bytesOf('a')), await put(cache, bytesOf('b'))];
    expect(await stored()).toHaveLength(2);
    for (const lease of leases) await lease.release();
    expect(await stored()).toHaveLength(1);
  });

  it('keeps what a reader reads although somebody empties the cache', async () => {
    const cache = await cacheOf();
    const lease = await put(cache, bytesOf('a'));
    await rm(join(directory, 'blobs'), { recursive: true });
    expect(await readFile(lease.path)).toHaveLength(1000);
    await expect(put(cache, bytesOf('a'))).resolves.toMatchObject({ digest: digestOf(bytesOf('a')) });
  });

  it('does not trust what another process left: a changed blob is fetched again', async () => {
    const bytes = bytesOf('a');
    const first = await put(await cacheOf(), bytes);
    await writeFile(first.path, bytesOf('x'));
    const lease = await put(await cacheOf(), bytes);
    expect((await readFile(lease.path)).equals(bytes)).toBe(true);
  });

  it('goes on with what was received when a fetch failed', async () => {
    const cache = await cacheOf();
    const bytes = bytesOf('a', 3_000_000);
    const digest = digestOf(bytes);
    const failing = cache.acquire(digest, bytes.length, never, async (blob) => {
      await blob.append(bytes.subarray(0, 2_000_000));
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    let had = 0;
    await cache.acquire(digest, bytes.length, never, async (blob) => {
      had = blob.received;
      await blob.append(bytes.subarray(had));
    });
    expect(had).toBe(2_000_000);
  });

  it('goes on with what a killed process had received, and lets go of what it was reading', async () => {
    const bytes = bytesOf('a', 5000);
    const digest = digestOf(bytes);
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => dead.once('exit', resolve));
    const corner = join(directory, 'owners', `${hostname()}~${dead.pid}~abc`);
    await mkdir(corner, { recursive: true });
    await writeFile(join(corner, `partial-${digest.replace(':', '-')}-1`), bytes.subarray(0, 4000));
    await writeFile(join(corner, 'lease-sha256-1'), 'x');
    const cache = await cacheOf();
    let had = 0;
    await cache.acquire(digest, bytes.length, never, async (blob) => {
      had = blob.received;
      await blob.append(bytes.subarray(had));
    });
    expect(had).toBe(4000);
    await expect(stat(corner)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves the living alone', async () => {
    const lease = await put(await cacheOf(), bytesOf('a'));
    await cacheOf();
    expect(await readFile(lease.path)).toHaveLength(1000);
  });

  it('names a blob that came without a name', async () => {
    const cache = await cacheOf();
    const lease = await cache.add(1000, async (blob) => blob.append(bytesOf('a')));
    expect(lease.digest).toBe(digestOf(bytesOf('a')));
    await expect(cache.add(1000, async (blob) => blob.append(bytesOf('a', 10)))).rejects.toMatchObject({
      code: 'registry.size_mismatch',
    });
  });

  it('says so when its directory cannot be used', async () => {
    await writeFile(join(directory, 'file'), '');
    const unusable = BlobCache.open({ directory: join(directory, 'file', 'x'), limitBytes: 1 });
    await expect(unusable).rejects.toMatchObject({ code: 'cache.unusable' });
  });
});
