import { chmodSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import { type DriverLab, labs } from './driver-labs.js';
import { unpack } from './unpack.js';

describe.each(labs)('the driver %s', (_, start) => {
  let lab: DriverLab;
  let driver: CvmfsDriver;

  beforeEach(async () => {
    lab = start();
    driver = lab.driver();
    await driver.check();
  });
  afterEach(() => lab.stop());

  async function publishTree(relative: string, files: Record<string, string>, link?: string): Promise<void> {
    const transaction = await driver.begin();
    unpack(transaction, relative, files);
    if (link !== undefined) await transaction.link(link, relative);
    await transaction.publish();
  }

  it('shows nothing before the publish, and all of it afterwards', async () => {
    const transaction = await driver.begin();
    unpack(transaction, '.flat/ab/abc', { 'etc/os': 'one' });
    await transaction.writeFile('.flat/ab/abc/.cvmfscatalog', Buffer.from(''));
    await transaction.writeFile('.flat/ab/abc.json', Buffer.from('{}'));
    await transaction.seal('.flat/ab/abc');
    await transaction.link('docker.io/library/alpine:3', '.flat/ab/abc');
    expect(lab.content()).toEqual({});
    await transaction.publish();
    expect(lab.content()).toEqual({
      '.flat': 'directory',
      '.flat/ab': 'directory',
      '.flat/ab/abc': 'directory',
      '.flat/ab/abc/.cvmfscatalog': '',
      '.flat/ab/abc/etc': 'directory',
      '.flat/ab/abc/etc/os': 'one',
      '.flat/ab/abc.json': '{}',
      'docker.io': 'directory',
      'docker.io/library': 'directory',
      'docker.io/library/alpine:3': '-> ../../.flat/ab/abc',
    });
    expect(readFileSync(join(driver.root, 'docker.io/library/alpine:3/etc/os'), 'utf8')).toBe('one');
  });

  it('publishes several images and many changes in one transaction', async () => {
    await publishTree('.flat/aa/old', { f: 'old' }, 'r/old:1');
    const transaction = await driver.begin();
    for (const name of ['one', 'two', 'three']) {
      unpack(transaction, `.flat/${name.slice(0, 2)}/${name}`, { f: name });
      await transaction.link(`r/${name}:1`, `.flat/${name.slice(0, 2)}/${name}`);
    }
    await transaction.link('r/old:1', '.flat/on/one');
    await transaction.remove('.flat/aa/old');
    await transaction.publish();
    const content = lab.content();
    expect(content).toMatchObject({ '.flat/tw/two/f': 'two', '.flat/th/three/f': 'three' });
    expect(content['r/old:1']).toBe('-> ../.flat/on/one');
    expect(Object.keys(content)).not.toContain('.flat/aa');
  });

  it('forgets everything after an abort, and goes on working', async () => {
    const transaction = await driver.begin();
    unpack(transaction, '.flat/ab/abc', { f: 'x' });
    await transaction.link('r/a:1', '.flat/ab/abc');
    await transaction.abort();
    await transaction.abort();
    expect(lab.content()).toEqual({});
    await publishTree('.flat/ab/abc', { f: 'y' });
    expect(lab.content()).toMatchObject({ '.flat/ab/abc/f': 'y' });
  });

  it('re-points a link, and removes link and tree with parents that became empty', async () => {
    await publishTree('.flat/ab/one', { f: '1' }, 'r/p/a:1');
    await publishTree('.flat/cd/two', { f: '2' }, 'r/p/a:1');
    expect(lab.content()['r/p/a:1']).toBe('-> ../../.flat/cd/two');
    const transaction = await driver.begin();
    await transaction.remove('.flat/cd/two');
    await transaction.remove('r/p/a:1');
    await transaction.remove('.flat/ab/one');
    await transaction.remove('not/there');
    await transaction.publish();
    expect(lab.content()).toEqual({});
  });

  it('forgets a tree that is removed in the transaction that brought it: one bad image costs the others nothing', async () => {
    const transaction = await driver.begin();
    unpack(transaction, '.flat/aa/bad', { f: 'half' });
    unpack(transaction, '.flat/bb/good', { f: 'good' });
    await transaction.remove('.flat/aa/bad');
    await transaction.publish();
    expect(lab.content()).toEqual({
      '.flat': 'directory',
      '.flat/bb': 'directory',
      '.flat/bb/good': 'directory',
      '.flat/bb/good/f': 'good',
    });
  });

  it('keeps the mode of a tree whose root may not be written', async () => {
    const first = await driver.begin();
    chmodSync(unpack(first, '.flat/ab/ro', { f: 'x' }), 0o555);
    await first.publish();
    expect(lstatSync(join(driver.root, '.flat/ab/ro')).mode & 0o7777).toBe(0o555);
  });

  it('does not publish over a tree that is there, nor a tree that was never unpacked', async () => {
    await publishTree('.flat/ab/one', { f: '1' });
    const transaction = await driver.begin();
    const exists = { code: 'cvmfs.exists', temporary: false };
    expect(() => transaction.treePath('.flat/ab/one')).toThrow(expect.objectContaining(exists));
    await expect(transaction.link('.flat/ab/one', 'a')).rejects.toMatchObject(exists);
    await expect(transaction.writeFile('.flat/ab/one', Buffer.from(''))).rejects.toMatchObject(exists);
    transaction.treePath('.flat/ab/nothing');
    await expect(transaction.publish()).rejects.toMatchObject({ code: 'cvmfs.tree_missing' });
    expect(lab.content()).toMatchObject({ '.flat/ab/one/f': '1' });
    expect(Object.keys(lab.content())).not.toContain('.flat/ab/nothing');
  });

  it('replaces a file, and a tree that is removed in the same transaction', async () => {
    await publishTree('.flat/ab/one', { f: '1' });
    const write = async (content: string) => {
      const transaction = await driver.begin();
      await transaction.writeFile('meta/index.json', Buffer.from(content));
      await transaction.publish();
    };
    await write('first');
    await write('second');
    expect(lab.content()['meta/index.json']).toBe('second');
    const transaction = await driver.begin();
    await transaction.remove('.flat/ab/one');
    unpack(transaction, '.flat/ab/one', { g: 'again' });
    await transaction.publish();
    expect(lab.content()).toMatchObject({ '.flat/ab/one/g': 'again' });
    expect(Object.keys(lab.content())).not.toContain('.flat/ab/one/f');
  });

  it('starts a tree from a clone, and leaves the tree that was cloned as it is', async () => {
    await publishTree('.flat/ab/one', { f: '1', g: 'same' });
    const transaction = await driver.begin({ cloneFrom: '.flat/ab/one', cloneTo: '.flat/ab/two' });
    expect(transaction.cloned).toBe(true);
    writeFileSync(join(transaction.treePath('.flat/ab/two'), 'f'), '2');
    await transaction.publish();
    expect(lab.content()).toMatchObject({
      '.flat/ab/one/f': '1',
      '.flat/ab/two/f': '2',
      '.flat/ab/two/g': 'same',
    });
  });

  it('says that it did not clone what is not there', async () => {
    const transaction = await driver.begin({ cloneFrom: '.flat/ab/gone', cloneTo: '.flat/ab/two' });
    expect(transaction.cloned).toBe(false);
    unpack(transaction, '.flat/ab/two', { f: '2' });
    await transaction.publish();
    expect(lab.content()).toMatchObject({ '.flat/ab/two/f': '2' });
  });

  it('lets one transaction at a time in, in one process too', async () => {
    const seen: string[] = [];
    await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const transaction = await driver.begin();
        seen.push(`${name} begins`);
        unpack(transaction, `.flat/${name}${name}/t`, { f: name });
        seen.push(`${name} ends`);
        await transaction.publish();
      }),
    );
    for (let i = 0; i < seen.length; i += 2) {
      expect(seen[i + 1]).toBe(seen[i]?.replace('begins', 'ends'));
    }
    expect(Object.keys(lab.content()).filter((path) => path.endsWith('/f'))).toHaveLength(4);
  });

  it('is busy when its turn does not come, and free again afterwards', async () => {
    const transaction = await driver.begin();
    const impatient = lab.driver({ lockWaitSeconds: 0 });
    await expect(impatient.begin()).rejects.toMatchObject({ code: 'cvmfs.busy', temporary: true });
    await expect(impatient.recover()).resolves.toBe('none');
    await expect(driver.begin({ signal: AbortSignal.timeout(20) })).rejects.toThrow(/timeout/);
    await transaction.abort();
    await (await impatient.begin()).abort();
  });

  it('refuses every use of a transaction that is over', async () => {
    const transaction = await driver.begin();
    await transaction.publish();
    const over = { code: 'cvmfs.transaction_over' };
    await expect(transaction.publish()).rejects.toMatchObject(over);
    await expect(transaction.link('a', 'b')).rejects.toMatchObject(over);
    expect(() => transaction.treePath('a')).toThrow(expect.objectContaining(over));
  });
});
