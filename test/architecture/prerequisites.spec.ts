import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, sourceFiles } from './source-files.js';

/** The words of a command in bin/, the names of packages among them. */
const listed = (command: string): readonly string[] =>
  readFileSync(join(root, 'bin', command), 'utf8').split(/[\s'()]+/);

describe('a bare machine', () => {
  it('gets from bin/test whatever a test says is missing', () => {
    const named = sourceFiles()
      .filter(({ isTest, part }) => !isTest && (part === 'libs/embedded' || part === 'test/lab'))
      .flatMap(({ text }) => [...text.matchAll(/install: 'apt-get install ([^']+)'/g)])
      .map(([, name = '']) => name)
      // Comes with rabbitmq-server, which needs it.
      .filter((name) => name !== 'erlang-base');
    expect(named).toContain('docker.io');
    expect(listed('test')).toEqual(expect.arrayContaining(named));
  });
});

interface Ran {
  readonly code: unknown;
  readonly stderr: string;
  /** What was to be run as root. */
  readonly asRoot: readonly string[];
}

/** Runs need_debian for one package that is not there, with a sudo that lets or does not. */
function needDebian(sudo: 'lets' | 'does not let'): Promise<Ran> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-needs-'));
  const log = join(directory, 'log');
  const programs = {
    'dpkg-query': 'exit 1',
    id: 'echo 1000',
    sudo: `echo "$*" >>${log}; exit ${sudo === 'lets' ? 0 : 1}`,
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const script = `. "${join(root, 'bin/support/setup.sh')}"; need_debian 'a test' rabbitmq-server`;
  const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { env }, (error, _stdout, stderr) => {
      const asRoot = readFileSync(log, 'utf8').trim().split('\n');
      rmSync(directory, { recursive: true, force: true });
      resolve({ code: error === null ? 0 : error.code, stderr, asRoot });
    });
  });
}

describe('a package that is missing', () => {
  it('ends the command for who is not root, with the command that helps', async () => {
    const { code, stderr, asRoot } = await needDebian('does not let');
    expect(code).toBe(1);
    expect(stderr).toContain('Run this first: sudo apt-get install -y rabbitmq-server');
    expect(asRoot).toEqual(['-n true']);
  });

  it('is installed through sudo, and its service does not start at the next boot', async () => {
    const { code, asRoot } = await needDebian('lets');
    expect(code).toBe(0);
    expect(asRoot).toContainEqual(expect.stringMatching(/apt-get install .* rabbitmq-server$/));
    expect(asRoot.at(-1)).toBe('-n update-rc.d rabbitmq-server disable');
  });
});
