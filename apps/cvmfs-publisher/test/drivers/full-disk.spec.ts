import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import { seed } from './crash-scenario.js';
import { canMount } from '../../../../test/stand-ins/cvmfs-server/stand-in.js';
import { type DriverLab, labs } from './driver-labs.js';
import { unpack } from './unpack.js';

// A disk of a few megabytes can be had by mounting one; who may not mount sees the names of these tests.
const suite = canMount ? describe.each(labs) : describe.skip.each(labs);

suite('on a full disk (needs the right to mount), the driver %s', (_, start) => {
  let disk: string;
  let lab: DriverLab;
  let driver: CvmfsDriver;

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'small-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    lab = start(disk);
    driver = lab.driver();
    await seed(driver);
  });
  afterEach(() => {
    lab.stop();
    execFileSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true });
  });

  function fill(): string {
    const filler = join(disk, 'filler');
    const file = openSync(filler, 'w');
    for (const size of [65_536, 4_096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch {
        continue;
      }
    }
    closeSync(file);
    return filler;
  }

  it('forgets a tree that it has no room for', async () => {
    const before = lab.content();
    const transaction = await driver.begin();
    const huge = { huge: 'x'.repeat(8 * 1024 * 1024) };
    expect(() => unpack(transaction, '.flat/ab/huge', huge)).toThrow(
      expect.objectContaining({ code: 'ENOSPC' }),
    );
    await transaction.remove('.flat/ab/huge');
    unpack(transaction, '.flat/ab/small', { f: 'x' });
    await transaction.publish();
    expect(lab.content()).toMatchObject({ ...before, '.flat/ab/small/f': 'x' });
  });

  it('publishes nothing, says why, and publishes once there is room', async () => {
    const before = lab.content();
    const transaction = await driver.begin();
    unpack(transaction, '.flat/ab/abc', { f: 'x'.repeat(10_000) });
    await transaction.link('r/moving:1', '.flat/ab/abc');
    const filler = fill();
    await expect(transaction.publish()).rejects.toMatchObject({
      code: expect.stringMatching(/^cvmfs\.(no_space|publish_failed|unclear)$/),
      temporary: true,
    });
    expect(lab.content()).toEqual(before);
    rmSync(filler);
    await driver.recover();
    expect(lab.content()).toEqual(before);
    const again = await driver.begin();
    unpack(again, '.flat/ab/abc', { f: 'y' });
    await again.publish();
    expect(lab.content()).toMatchObject({ ...before, '.flat/ab/abc/f': 'y' });
  });

  it('does not open a transaction that it could not note, and does not leave one open', async () => {
    const before = lab.content();
    const filler = fill();
    const opened = await driver.begin().then(
      (transaction) => transaction,
      (error: unknown) => error,
    );
    if (opened instanceof Error) expect(opened).toMatchObject({ temporary: true });
    else await (opened as { abort(): Promise<void> }).abort();
    rmSync(filler);
    await driver.recover();
    expect(lab.content()).toEqual(before);
    await (await driver.begin()).abort();
  });
});
