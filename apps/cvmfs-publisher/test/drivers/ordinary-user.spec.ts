import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryLab, isRoot } from './driver-labs.js';
import { unpack } from './unpack.js';

const nobody = 65_534;

/** Root passes every permission, so a run as root must put that right aside to see what others meet. */
async function asOrdinaryUser(action: (parent: string) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'ordinary-user-'));
  chownSync(parent, isRoot ? nobody : -1, -1);
  if (isRoot) process.seteuid?.(nobody);
  try {
    await action(parent);
  } finally {
    if (isRoot) process.seteuid?.(0);
    rmSync(parent, { recursive: true, force: true });
  }
}

describe('the directory driver of an ordinary user', () => {
  it('publishes a tree that may not be written, and removes one that may not be read', async () => {
    await asOrdinaryUser(async (parent) => {
      const lab = directoryLab(parent);
      const driver = lab.driver();
      await driver.check();
      const first = await driver.begin();
      const tree = unpack(first, '.flat/ab/ro', { 'etc/f': 'x', 'shut/f': 'y' });
      chmodSync(join(tree, 'etc'), 0o500);
      chmodSync(tree, 0o555);
      const shut = unpack(first, '.flat/cd/shut', { 'a/b': 'x' });
      chmodSync(join(shut, 'a'), 0);
      await first.seal('.flat/cd/shut');
      await first.publish();
      expect(lstatSync(join(driver.root, '.flat/ab/ro')).mode & 0o7777).toBe(0o555);
      expect(lstatSync(join(driver.root, '.flat/cd/shut/a')).mode & 0o7777).toBe(0);
      const second = await driver.begin();
      await second.remove('.flat/ab/ro');
      await second.remove('.flat/cd/shut');
      await second.publish();
      expect(lab.content()).toEqual({});
      lab.stop();
    });
  });

  it('adopts a staged tree that may not be written', async () => {
    await asOrdinaryUser(async (parent) => {
      const lab = directoryLab(parent);
      const driver = lab.driver();
      await driver.check();
      const staged = join(driver.stagingDirectory ?? '', 'staged');
      mkdirSync(staged);
      chmodSync(staged, 0o555);
      const transaction = await driver.begin();
      await transaction.adopt(staged, '.flat/ab/staged');
      await transaction.publish();
      expect(lab.content()).toMatchObject({ '.flat/ab/staged': 'directory' });
      const next = await driver.begin();
      await expect(next.adopt('/etc', '.flat/ab/etc')).rejects.toMatchObject({ code: 'cvmfs.path_refused' });
      await next.abort();
      lab.stop();
    });
  });
});
