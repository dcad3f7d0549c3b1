import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporary } from '#errors';
import { waitFor } from '#lab';
import { endGrowth, newGrowth, ringGrowth, spoilGrowth } from '../blobs/growth.js';
import type { LayerBlob } from '../image-source.js';
import { LayerLab, listTree } from '../testing/layer-lab.js';
import { archive } from '../testing/tar-archive.js';

const large = randomBytes(2_000_000).toString('latin1');
const layer = archive(
  { name: 'first', data: '1' },
  { name: 'large', data: large },
  { name: 'last', data: '2' },
);
const tree = { first: 'file 1', large: 'file of 2000000', last: 'file 2' };
const other = archive({ name: 'stray', data: 'x' }, { name: 'large', data: large });
const pack = { gzip: (tar: Buffer) => gzipSync(tar, { level: 1 }), tar: (tar: Buffer) => tar };

describe('a layer that is still arriving', () => {
  let lab: LayerLab;
  let growth: ReturnType<typeof newGrowth>;
  beforeEach(() => {
    lab = new LayerLab();
    growth = newGrowth();
  });
  afterEach(() => lab.remove());

  const path = (): string => join(lab.directory, 'arriving');
  /** The file holds these bytes so far; the whole blob is another matter. */
  const arriving = (soFar: Buffer, whole: Buffer, ready?: LayerBlob['ready']): LayerBlob => {
    writeFileSync(path(), soFar);
    const begun = () => Promise.resolve({ path: path(), growth });
    return lab.blob(whole, { begun, ...(ready && { ready }) });
  };
  const stands = (name: string): Promise<boolean> =>
    waitFor(() => existsSync(join(lab.target, name)), { what: `${name} to be unpacked` });

  it.each(['gzip', 'tar'] as const)('is unpacked as far as it came: %s', async (format) => {
    const bytes = pack[format](layer);
    const blob = arriving(bytes.subarray(0, 1_000_000), bytes);
    const done = lab.flatten([blob]);
    await stands('first');
    expect(existsSync(join(lab.target, 'last'))).toBe(false);
    for (let at = 1_000_000; at < bytes.length; at += 300_000) {
      appendFileSync(path(), bytes.subarray(at, at + 300_000));
      ringGrowth(growth);
    }
    await stands('last');
    endGrowth(growth);
    await done;
    expect(listTree(lab.target)).toEqual(tree);
  });

  it.each(['gzip', 'tar'] as const)(
    'is unpacked from its whole blob, with nothing of before, where it was begun anew: %s',
    async (format) => {
      const wrong = pack[format](other);
      const done = lab.flatten([arriving(wrong.subarray(0, 1_000_000), pack[format](layer))]);
      await stands('stray');
      spoilGrowth(growth);
      await done;
      expect(listTree(lab.target)).toEqual(tree);
    },
  );

  it('is not blamed for wrong bytes', async () => {
    const right = pack.gzip(layer);
    const wrong = Buffer.concat([right.subarray(0, 500_000), Buffer.alloc(500_000, 7)]);
    let refuse: (reason: unknown) => void = () => undefined;
    const whole = new Promise<string>((_, reject) => {
      refuse = reject;
    });
    const done = lab.flatten([arriving(wrong, right, () => whole)]);
    const failed = expect(done).rejects.toMatchObject({ code: 'registry.digest_mismatch' });
    await stands('first');
    spoilGrowth(growth);
    refuse(temporary('registry.digest_mismatch', 'other bytes'));
    await failed;
  });

  it('is blamed for what is wrong with its verified bytes', async () => {
    const broken = pack.gzip(layer);
    broken.fill(7, 500_000, 600_000);
    const blob = arriving(broken, broken);
    endGrowth(growth);
    await expect(lab.flatten([blob])).rejects.toMatchObject({ code: 'layer.corrupt' });
  });

  it('is given up once its beginning is hostile, though no more of it comes', async () => {
    const hostile = pack.gzip(archive({ name: '../evil', data: 'x' }, { name: 'large', data: large }));
    const blob = arriving(hostile.subarray(0, 1_000_000), hostile);
    await expect(lab.flatten([blob])).rejects.toMatchObject({ code: 'layer.path_escapes' });
  });

  it('is a bomb by the size that was announced, not by what of it is here', async () => {
    const limits = { compressionRatio: 1.5, ratioFromBytes: 0 };
    const bytes = pack.gzip(layer);
    const blob = arriving(bytes.subarray(0, 1_000_000), bytes);
    const done = lab.flatten([blob], { limits });
    await stands('first');
    appendFileSync(path(), bytes.subarray(1_000_000));
    endGrowth(growth);
    await done;
    expect(listTree(lab.target)).toEqual(tree);
  });

  it('is waited for where its format cannot be read in parts', async () => {
    const zstdMagic = Buffer.from('28b52ffd', 'hex');
    await lab.flatten([arriving(zstdMagic, pack.gzip(layer))]);
    expect(listTree(lab.target)).toEqual(tree);
  });

  it('ends with the one who wants it', async () => {
    const controller = new AbortController();
    const bytes = pack.gzip(layer);
    const done = lab.flatten([arriving(bytes.subarray(0, 1_000_000), bytes)], { signal: controller.signal });
    const cancelled = expect(done).rejects.toMatchObject({ code: 'flatten.cancelled' });
    await stands('first');
    controller.abort();
    await cancelled;
  });
});
