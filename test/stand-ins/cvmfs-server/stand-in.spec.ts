import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { canMount, startCvmfsStandIn, type CvmfsStandIn, type StandInMode } from './stand-in.js';

// Everybody has the copies.
const modes: readonly StandInMode[] = canMount ? ['copy', 'overlay'] : ['copy'];

describe.each(modes)('the cvmfs_server stand-in (%s) behaves as the real one was seen to', (mode) => {
  let cvmfs: CvmfsStandIn;
  let repo: string;
  let root: string;

  beforeEach(() => {
    cvmfs = startCvmfsStandIn(mode);
    repo = cvmfs.repository;
    root = cvmfs.settings.root;
  });
  afterEach(() => cvmfs.stop());

  const run = (...args: string[]) => cvmfs.run(args);
  const flag = () => existsSync(join(cvmfs.settings.spoolDirectory, 'in_transaction.lock'));
  const read = (path: string) => readFileSync(join(cvmfs.readers(), path), 'utf8');
  function begin(): void {
    expect(run('transaction', repo)).toEqual({ code: 0, stdout: '', stderr: '' });
  }

  it('opens, publishes with another root hash, and is closed afterwards', () => {
    const before = cvmfs.published('C');
    begin();
    expect(flag()).toBe(true);
    expect(run('list').stdout).toBe(`${repo} (stratum0 / local - in transaction)\n`);
    writeFileSync(join(root, 'f'), 'x');
    const published = run('publish', repo);
    expect(published).toMatchObject({ code: 0 });
    expect(published.stdout.trim().split('\n').at(-1)).toBe('Remounting newly created repository revision');
    expect(cvmfs.published('C')).not.toBe(before);
    expect(cvmfs.published('S')).toBe('2');
    expect(read('f')).toBe('x');
    expect(flag()).toBe(false);
    expect(run('list').stdout).toBe(`${repo} (stratum0 / local)\n`);
    expect(run('check', repo)).toMatchObject({ code: 0, stdout: 'no problems found\n' });
  });

  it('makes a revision of an empty publish too', () => {
    begin();
    expect(run('publish', repo).code).toBe(0);
    expect(cvmfs.published('S')).toBe('2');
  });

  it('answers 17 to a second transaction, and waits with -t', () => {
    begin();
    expect(run('transaction', repo)).toMatchObject({
      code: 17,
      stderr: 'CernVM-FS transaction error: another transaction is already open\n',
    });
    expect(run('transaction', '-t', '1', repo)).toMatchObject({
      code: 17,
      stdout: 'repository busy, retrying\n',
    });
  });

  it('answers 1 for a repository that it does not know', () => {
    expect(run('transaction', 'no.example.org')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Unable to find the configuration file `server.conf`'),
    });
  });

  it.each([
    ['web_down', '[failed to download whitelist]'],
    ['whitelist_expired', '[expired whitelist]'],
  ])('answers 5 to a transaction with %s', (fault, message) => {
    writeFileSync(join(cvmfs.directory, 'srv', repo, fault), '');
    expect(run('transaction', repo)).toMatchObject({ code: 5, stderr: expect.stringContaining(message) });
    expect(flag()).toBe(false);
  });

  it('cannot publish or abort without a transaction, nor abort without the web server', () => {
    expect(run('publish', repo)).toMatchObject({
      code: 1,
      stdout: `Repository ${repo} is not in a transaction\n`,
    });
    expect(run('abort', '-f', repo)).toMatchObject({ code: 22 });
    begin();
    writeFileSync(join(cvmfs.directory, 'srv', repo, 'web_down'), '');
    expect(run('abort', '-f', repo).code).toBe(1);
    expect(flag()).toBe(true);
  });

  it('forgets what an aborted transaction wrote', () => {
    begin();
    writeFileSync(join(root, 'f'), 'x');
    expect(run('abort', '-f', repo).code).toBe(0);
    expect(existsSync(join(root, 'f'))).toBe(false);
    expect(cvmfs.published('S')).toBe('1');
  });

  it('refuses to publish from inside, and over open files: for reading it asks first', () => {
    begin();
    writeFileSync(join(root, 'f'), 'x');
    expect(cvmfs.run(['publish', repo], { cwd: root })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`Current working directory is in /cvmfs/${repo}.`),
    });
    const writer = openSync(join(root, 'f'), 'r+');
    expect(run('publish', repo)).toMatchObject({
      code: 1,
      stdout: `Open writable file descriptors on ${repo}\n`,
    });
    closeSync(writer);
    const reader = openSync(join(root, 'f'), 'r');
    expect(run('publish', repo)).toMatchObject({ code: 1, stdout: expect.stringMatching(/aborted\.\n$/) });
    expect(flag()).toBe(true);
    const forced = cvmfs.run(['publish', '-f', repo], { env: { CVMFS_FORCE_REMOUNT_WARNING: 'false' } });
    closeSync(reader);
    expect(forced.code).toBe(0);
  });

  it('is in a transaction but not writable after a publish was killed; mount, or abort, leads back', () => {
    for (const way of ['mount', 'abort']) {
      begin();
      writeFileSync(join(root, 'f'), way);
      cvmfs.run(['publish', repo], { env: { CVMFS_STANDIN_DIE: 'publish:synced:all' } });
      expect(run('list').stdout).toContain('- in transaction - unhealthy');
      expect(run('transaction', repo)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('cannot establish writable mountpoint'),
      });
      expect(run('publish', repo).code).toBe(1);
      if (way === 'mount') {
        expect(run('mount', repo).code).toBe(0);
        expect(run('publish', repo).code).toBe(0);
        expect(read('f')).toBe('mount');
      } else {
        expect(run('abort', '-f', repo).code).toBe(0);
        expect(read('f')).toBe('mount');
      }
    }
  });

  it('is published and still in a transaction when killed after signing', () => {
    const before = cvmfs.published('C');
    begin();
    writeFileSync(join(root, 'f'), 'x');
    cvmfs.run(['publish', repo], { env: { CVMFS_STANDIN_DIE: 'publish:signed:all' } });
    expect(cvmfs.published('C')).not.toBe(before);
    expect(flag()).toBe(true);
    expect(run('abort', '-f', repo).code).toBe(0);
    expect(readFileSync(join(root, 'f'), 'utf8')).toBe('x');
  });

  it('leaves cvmfs_swissknife with the publishing lock when the shell alone is killed', () => {
    begin();
    const env = { CVMFS_STANDIN_DIE: 'publish:syncing:shell', CVMFS_STANDIN_SLOW: '0.5' };
    cvmfs.run(['publish', repo], { env });
    expect(run('abort', '-f', repo).code).toBe(22);
    execFileSync('flock', [
      '--wait',
      '20',
      join(cvmfs.settings.spoolDirectory, 'is_publishing.lock'),
      'true',
    ]);
    expect(run('abort', '-f', repo).code).toBe(0);
  });

  it('stores modes, links and special files, and breaks hard links into copies', () => {
    begin();
    mkdirSync(join(root, 'd'), { mode: 0o2775 });
    writeFileSync(join(root, 'd/f'), 'x');
    chmodSync(join(root, 'd/f'), 0o4755);
    linkSync(join(root, 'd/f'), join(root, 'd/g'));
    symlinkSync('f', join(root, 'd/l'));
    execFileSync('mkfifo', [join(root, 'd/p')]);
    expect(run('publish', repo)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('broken into copies'),
    });
    const d = join(cvmfs.readers(), 'd');
    expect(lstatSync(join(d, 'f'))).toMatchObject({ nlink: 1 });
    expect(lstatSync(join(d, 'f')).mode & 0o7777).toBe(0o4755);
    expect(read('d/g')).toBe('x');
    expect(lstatSync(join(d, 'l')).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(d, 'p')).isFIFO()).toBe(true);
  });

  it('deletes NAME for a file .wh.NAME', () => {
    begin();
    writeFileSync(join(root, 'passwd'), 'x');
    expect(run('publish', repo).code).toBe(0);
    begin();
    writeFileSync(join(root, '.wh.passwd'), '');
    expect(run('publish', repo).code).toBe(0);
    expect(existsSync(join(cvmfs.readers(), 'passwd'))).toBe(false);
  });

  it.each([
    ['.cvmfscatalog', 'file'],
    ['.cvmfs', 'file'],
    ['d/.cvmfscatalog', 'directory'],
    ['d/.cvmfsbundles', 'file'],
    ['d/.cvmfsgraft-f', 'file'],
  ])('fails to publish %s as a %s, and stays in the transaction', (name, type) => {
    begin();
    mkdirSync(join(root, 'd'));
    if (type === 'file') writeFileSync(join(root, name), 'x');
    else mkdirSync(join(root, name));
    expect(run('publish', repo)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Synchronization failed$/m),
    });
    expect(flag()).toBe(true);
    expect(cvmfs.published('S')).toBe('1');
    rmSync(join(root, 'd'), { recursive: true });
    expect(run('abort', '-f', repo).code).toBe(0);
  });

  it('has limits for the entries of a catalog and the size of a file', () => {
    for (const limit of ['CVMFS_ROOT_KCATALOG_LIMIT', 'CVMFS_FILE_MBYTE_LIMIT']) {
      begin();
      writeFileSync(join(root, 'f'), 'x');
      expect(cvmfs.run(['publish', repo], { env: { [limit]: '0' } }).code).toBe(1);
      expect(run('abort', '-f', repo).code).toBe(0);
    }
  });

  it('clones a tree with transaction -T', () => {
    begin();
    mkdirSync(join(root, 'from'));
    writeFileSync(join(root, 'from/f'), 'x');
    run('publish', repo);
    expect(run('transaction', '-T', 'from=to', repo).code).toBe(0);
    expect(readFileSync(join(root, 'to/f'), 'utf8')).toBe('x');
    expect(run('publish', repo).code).toBe(0);
  });

  it('keeps tags, and refuses one that is used or has a space', () => {
    begin();
    expect(run('publish', '-a', 'a b', repo)).toMatchObject({
      stdout: 'Spaces are not allowed in tag names\n',
    });
    expect(run('publish', '-a', 't', '-m', 'first', repo).code).toBe(0);
    expect(run('tag', '-l', '-x', repo).stdout).toMatch(/^t [0-9a-f]{40} \d+ 2 \d+ \(default\) first\n$/);
    begin();
    expect(run('publish', '-a', 't', repo)).toMatchObject({
      code: 1,
      stdout: "Tag name 't' is already in use.\n",
    });
  });

  it('hands the message of a publish to a shell: no driver may ever pass one', () => {
    begin();
    const proof = join(cvmfs.directory, 'executed');
    run('publish', '-m', `$(touch ${proof})`, repo);
    expect(existsSync(proof)).toBe(true);
  });
});
