import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import { type DriverLab, labs } from './driver-labs.js';
import { unpack } from './unpack.js';

const hostilePaths: readonly string[] = [
  '',
  '.',
  '..',
  '/etc/passwd',
  '../outside',
  'a/../../outside',
  'a//b',
  'a/',
  'a b',
  'a\nb',
  'a\0b',
  '$(id)',
  'a;b',
  'ü',
  '.slipway/journal.json',
  'a/.wh.b',
  '.cvmfs/x',
  '.cvmfscatalog',
  'x'.repeat(256),
  'x/'.repeat(1500),
];

describe.each(labs)('against hostile content, the driver %s', (_, start) => {
  let lab: DriverLab;
  let driver: CvmfsDriver;

  beforeEach(async () => {
    lab = start();
    driver = lab.driver();
    await driver.check();
  });
  afterEach(() => lab.stop());

  it.each(['.wh.passwd', 'deep/down/.wh..wh..opq', '.cvmfsgraft-x', 'etc/.cvmfsbundles'])(
    'refuses a tree with %s, an order to CVMFS, and publishes the others',
    async (name) => {
      const transaction = await driver.begin();
      unpack(transaction, '.flat/aa/bad', { [name]: '' });
      unpack(transaction, '.flat/bb/good', { f: 'good' });
      await expect(transaction.seal('.flat/aa/bad')).rejects.toMatchObject({
        code: 'cvmfs.name_refused',
        temporary: false,
      });
      await transaction.remove('.flat/aa/bad');
      await transaction.publish();
      expect(Object.keys(lab.content())).not.toContain('.flat/aa');
      expect(Object.keys(lab.content())).toContain('.flat/bb/good/f');
    },
  );

  it('refuses a tree whose .cvmfscatalog is no regular file', async () => {
    const transaction = await driver.begin();
    unpack(transaction, '.flat/aa/bad', { '.cvmfscatalog/f': '' });
    await expect(transaction.seal('.flat/aa/bad')).rejects.toMatchObject({ code: 'cvmfs.name_refused' });
    await transaction.abort();
  });

  it('refuses every hostile path in every method', async () => {
    const transaction = await driver.begin();
    const refused = { code: 'cvmfs.path_refused', temporary: false };
    for (const path of hostilePaths) {
      expect(() => transaction.treePath(path)).toThrow(expect.objectContaining(refused));
      await expect(transaction.link(path, 'a')).rejects.toMatchObject(refused);
      await expect(transaction.link('a', path)).rejects.toMatchObject(refused);
      await expect(transaction.remove(path)).rejects.toMatchObject(refused);
      await expect(transaction.writeFile(path, Buffer.from('x'))).rejects.toMatchObject(refused);
    }
    await transaction.abort();
    expect(lab.content()).toEqual({});
  });

  it('never goes through a link that an image brought', async () => {
    const outside = join(dirname(driver.root), 'outside');
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, 'precious'), 'kept');
    const first = await driver.begin();
    const tree = first.treePath('.flat/ab/evil');
    mkdirSync(tree);
    symlinkSync(outside, join(tree, 'way-out'));
    symlinkSync(join(outside, 'precious'), join(tree, '.singularity.d'));
    const refused = { code: 'cvmfs.path_refused' };
    await expect(first.writeFile('.flat/ab/evil/way-out/new', Buffer.from('x'))).rejects.toMatchObject(
      refused,
    );
    await first.writeFile('.flat/ab/evil/.singularity.d', Buffer.from('x'));
    await first.publish();
    const second = await driver.begin();
    await expect(second.remove('.flat/ab/evil/way-out/precious')).rejects.toMatchObject(refused);
    await expect(second.link('.flat/ab/evil/way-out/l', 'a')).rejects.toMatchObject(refused);
    expect(() => second.treePath('.flat/ab/evil/way-out/t')).toThrow(expect.objectContaining(refused));
    await second.remove('.flat/ab/evil');
    await second.publish();
    expect(lab.content()).toEqual({});
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('kept');
  });

  it('removes trees with directories that nobody may read', async () => {
    const seed = await driver.begin();
    chmodSync(join(unpack(seed, '.flat/ab/shut', { 'a/b/c': 'x', 'd/e': 'y' }), 'd'), 0o555);
    await seed.publish();
    const first = await driver.begin();
    chmodSync(join(unpack(first, '.flat/cd/shut', { 'a/b/c': 'x' }), 'a/b'), 0);
    await first.remove('.flat/cd/shut');
    await first.remove('.flat/ab/shut');
    await first.publish();
    expect(lab.content()).toEqual({});
  });
});
