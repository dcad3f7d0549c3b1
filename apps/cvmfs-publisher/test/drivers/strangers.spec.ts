import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import type { CvmfsStandIn } from '../../../../test/stand-ins/cvmfs-server/stand-in.js';
import { unpackTree } from './crash-scenario.js';
import { type DriverLab, standInLab, standInMode } from './driver-labs.js';

let lab: DriverLab;
let driver: CvmfsDriver;
let standIn: CvmfsStandIn;
let repository: string;

beforeEach(() => {
  lab = standInLab(standInMode);
  driver = lab.driver();
  if (lab.standIn === undefined) throw new Error('no stand-in');
  standIn = lab.standIn;
  repository = standIn.repository;
});
afterEach(() => lab.stop());

/** A stranger opens a transaction and writes in it. */
function strangerBegins(): void {
  expect(standIn.run(['transaction', repository])).toMatchObject({ code: 0 });
  mkdirSync(join(driver.root, 'software'));
  writeFileSync(join(driver.root, 'software/new'), "the stranger's");
}

/** The stranger's transaction is as it was: nothing of it is lost. */
function strangerPublishes(): void {
  expect(standIn.run(['publish', repository])).toMatchObject({ code: 0 });
  expect(lab.content()['software/new']).toBe("the stranger's");
}

describe("a stranger's transaction", () => {
  it('makes begin busy for the moment, and is left alone by begin and recover', async () => {
    strangerBegins();
    await expect(driver.begin()).rejects.toMatchObject({
      code: 'cvmfs.busy',
      temporary: true,
      retryAfterSeconds: 30,
    });
    expect(await driver.recover()).toBe('none');
    strangerPublishes();
    await (await driver.begin()).abort();
  });

  it('is left alone when it was opened between the look and the opening', async () => {
    const late = lab.driver({ onStep: (step) => step === 'transaction' && strangerBegins() });
    await expect(late.begin()).rejects.toMatchObject({ code: 'cvmfs.busy', temporary: true });
    expect(await driver.recover()).toBe('none');
    strangerPublishes();
  });

  it('is left alone when it took the place of ours', async () => {
    const transaction = await driver.begin();
    unpackTree(transaction, '.flat/ab/abc', 'ours');
    expect(standIn.run(['abort', '-f', repository])).toMatchObject({ code: 0 });
    strangerBegins();
    const lost = { code: 'cvmfs.transaction_lost', temporary: true };
    expect(() => transaction.treePath('.flat/cd/cde')).toThrow(expect.objectContaining(lost));
    await expect(transaction.publish()).rejects.toMatchObject({
      code: 'cvmfs.transaction_lost',
      temporary: true,
    });
    await transaction.abort();
    expect(await driver.recover()).toBe('none');
    strangerPublishes();
    expect(Object.keys(lab.content())).not.toContain('.flat');
  });

  it('is left alone by the abort and by the recovery of ours that it took the place of', async () => {
    const transaction = await driver.begin();
    expect(standIn.run(['abort', '-f', repository])).toMatchObject({ code: 0 });
    strangerBegins();
    await transaction.abort();
    strangerPublishes();
  });

  it('is left alone when our own opening was cut off long before it', async () => {
    const note = {
      id: 'x',
      phase: 'opening',
      startedMs: Date.now() - 60_000,
      rootHash: standIn.published('C'),
    };
    await driver.recover();
    writeFileSync(
      join(standIn.settings.stateDirectory, `${repository}.transaction.json`),
      JSON.stringify(note),
    );
    strangerBegins();
    expect(await driver.recover()).toBe('none');
    strangerPublishes();
  });

  it('that was published while ours was being opened is not taken for ours after a crash', async () => {
    const late = lab.driver({
      environment: { ...lab.options.environment, CVMFS_STANDIN_DIE: 'publish:synced:all' },
      onStep: (step) => {
        if (step !== 'transaction') return;
        strangerBegins();
        strangerPublishes();
      },
    });
    const transaction = await late.begin();
    unpackTree(transaction, '.flat/ab/abc', 'ours');
    await expect(transaction.publish()).rejects.toMatchObject({ temporary: true });
    expect(Object.keys(lab.content())).not.toContain('.flat');
    await (await driver.begin()).abort();
  });

  it('publishing at the moment, makes begin wait for another time', async () => {
    strangerBegins();
    standIn.run(['publish', repository], { env: { CVMFS_STANDIN_DIE: 'publish:synced:shell' } });
    await expect(driver.begin()).rejects.toMatchObject({ temporary: true, code: 'cvmfs.busy' });
    expect(standIn.run(['mount', repository])).toMatchObject({ code: 0 });
    strangerPublishes();
  });
});

describe('what is wrong with the repository', () => {
  it('is said when it is not mounted, and nothing is written to the disk below', async () => {
    standIn.run(['unmount', repository]);
    await expect(driver.check()).rejects.toMatchObject({
      code: 'cvmfs.not_mounted',
      temporary: true,
      message: expect.stringContaining('cvmfs_server mount'),
    });
    await expect(driver.begin()).rejects.toMatchObject({ code: 'cvmfs.not_mounted' });
    expect(readdirSync(driver.root)).toEqual([]);
  });

  it('is noticed when the mount goes in the middle of a transaction', async () => {
    const transaction = await driver.begin();
    standIn.run(['unmount', repository]);
    const gone = { code: 'cvmfs.not_mounted' };
    expect(() => transaction.treePath('.flat/ab/abc')).toThrow(expect.objectContaining(gone));
    await expect(transaction.writeFile('a', Buffer.from('x'))).rejects.toMatchObject(gone);
    await expect(transaction.publish()).rejects.toMatchObject(gone);
    await (await driver.begin()).abort();
  });

  it.each([
    ['whitelist_expired', 'cvmfs.whitelist_expired', 'cvmfs_server resign'],
    ['web_down', 'cvmfs.web_server_down', 'web server'],
  ])('is said for %s', async (fault, code, hint) => {
    const flag = join(standIn.directory, 'srv', repository, fault);
    writeFileSync(flag, '');
    await expect(driver.begin()).rejects.toMatchObject({
      code,
      temporary: true,
      message: expect.stringContaining(hint),
    });
    expect(standIn.run(['list']).stdout).toBe(`${repository} (stratum0 / local)\n`);
  });

  it.each([
    ['web_down', 'cvmfs.web_server_down'],
    ['abort_fails', 'cvmfs.tool_failed'],
  ])('keeps an abort from being made (%s), until a later recovery', async (fault, code) => {
    const transaction = await driver.begin();
    unpackTree(transaction, '.flat/ab/abc', 'x');
    const flag = join(standIn.directory, 'srv', repository, fault);
    writeFileSync(flag, '');
    await expect(transaction.abort()).rejects.toMatchObject({ code, temporary: true });
    rmSync(flag);
    expect(await driver.recover()).toBe('rolled_back');
    await (await driver.begin()).abort();
    expect(lab.content()).toEqual({});
  });

  it('is said when this host does not publish it, has no tool, or another spool', async () => {
    const wrong = (more: object) => lab.driver(more).check();
    await expect(wrong({ repository: 'other.example.org' })).rejects.toMatchObject({
      code: 'cvmfs.unknown_repository',
    });
    await expect(wrong({ tool: '/nowhere/cvmfs_server' })).rejects.toMatchObject({
      code: 'cvmfs.tool_missing',
    });
    await expect(wrong({ manifest: '/nowhere' })).rejects.toMatchObject({
      code: 'cvmfs.manifest_unreadable',
    });
    await expect(wrong({ spoolDirectory: '/nowhere' })).rejects.toMatchObject({ code: 'cvmfs.not_owner' });
    const elsewhere = lab.driver({ spoolDirectory: standIn.directory });
    await expect(elsewhere.begin()).rejects.toMatchObject({ code: 'cvmfs.spool_wrong' });
    expect(standIn.run(['list']).stdout).toBe(`${repository} (stratum0 / local)\n`);
    expect(() => lab.driver({ repository: '$(id)' })).toThrow(
      expect.objectContaining({ code: 'cvmfs.setting_wrong' }),
    );
  });

  it('falls back to an empty tree when CVMFS cannot clone', async () => {
    const transaction = await driver.begin();
    unpackTree(transaction, '.flat/ab/one', 'x');
    unpackTree(transaction, '.flat/cd/other', 'x');
    await transaction.publish();
    const options = { cloneFrom: '.flat/ab/one', cloneTo: '.flat/cd/two' };
    const late = lab.driver({
      onStep: (step) => {
        // What was there at the look is not at the clone: the stand-in mounts anew when it has failed.
        if (step === 'transaction') standIn.run(['unmount', repository]);
      },
    });
    const empty = await late.begin(options);
    expect(empty.cloned).toBe(false);
    unpackTree(empty, '.flat/cd/two', 'y');
    await empty.publish();
    expect(lab.content()['.flat/cd/two/last']).toBe('y');
  });

  it('is an error of the publish when CVMFS cannot take the content; ours is undone', async () => {
    const limited = lab.driver({ environment: { ...lab.options.environment, CVMFS_FILE_MBYTE_LIMIT: '0' } });
    const transaction = await limited.begin();
    unpackTree(transaction, '.flat/ab/abc', 'x');
    await expect(transaction.publish()).rejects.toMatchObject({
      code: 'cvmfs.publish_failed',
      message: expect.stringContaining('a file is larger than the limit'),
    });
    expect(lab.content()).toEqual({});
    expect(standIn.run(['list']).stdout).toBe(`${repository} (stratum0 / local)\n`);
  });
});

describe('a file of the repository that is open on this host', () => {
  async function withOpenFile(flags: string, more: object): Promise<{ revision?: string }> {
    const patient = lab.driver(more);
    const transaction = await patient.begin();
    unpackTree(transaction, '.flat/ab/abc', 'x');
    const file = openSync(join(driver.root, '.flat/ab/abc/last'), flags);
    try {
      return await transaction.publish();
    } finally {
      closeSync(file);
    }
  }

  it('delays the publish, which fails for the moment when it stays open', async () => {
    for (const flags of ['r', 'r+']) {
      await expect(withOpenFile(flags, { publishAttempts: 2 })).rejects.toMatchObject({
        code: 'cvmfs.open_files',
        temporary: true,
      });
      expect(lab.content()).toEqual({});
    }
  });

  it('does not matter once it is closed', async () => {
    const transaction = await lab.driver({ publishAttempts: 200, publishRetryMs: 20 }).begin();
    unpackTree(transaction, '.flat/ab/abc', 'x');
    const file = openSync(join(driver.root, '.flat/ab/abc/last'), 'r');
    const publishing = transaction.publish();
    const output = join(standIn.settings.stateDirectory, `${repository}.output`);
    const deadline = Date.now() + 20_000;
    while (!readFileSync(output, 'utf8').includes('aborted.')) {
      if (Date.now() > deadline) throw new Error('the publish was never refused');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    closeSync(file);
    await publishing;
    expect(lab.content()['.flat/ab/abc/last']).toBe('x');
  });

  it('is ignored, when only read, where the settings allow it', async () => {
    await withOpenFile('r', { forceRemount: true });
    expect(lab.content()['.flat/ab/abc/last']).toBe('x');
  });
});

describe('what a publish gives back', () => {
  it('is the revision, which each publish counts up', async () => {
    const revisions: (string | undefined)[] = [];
    for (const name of ['aa', 'bb']) {
      const transaction = await driver.begin();
      unpackTree(transaction, `.flat/${name}/t`, name);
      revisions.push((await transaction.publish()).revision);
    }
    expect(revisions).toEqual(['2', '3']);
    expect(existsSync(join(standIn.settings.stateDirectory, `${repository}.transaction.json`))).toBe(false);
    expect(statSync(standIn.settings.stateDirectory).mode & 0o777).toBe(0o700);
  });
});
