import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The official runner as a process, registered with a GitLab. */
export interface OfficialRunner {
  /** What it has written so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Which GitLab it takes jobs from, and as which runner. */
export interface OfficialRunnerOptions {
  /** The program that `bin/test-official-runner` builds. */
  readonly binary: string;
  readonly url: string;
  /** The runner's token. */
  readonly token: string;
  /** How many jobs at a time. */
  readonly concurrent: number;
}

/** Registers the runner by its own command and starts it with the shell executor. Throws with its words when it does not register. */
export async function startOfficialRunner(options: OfficialRunnerOptions): Promise<OfficialRunner> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-official-runner-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    LANG: 'C.UTF-8',
    CONFIG_FILE: join(directory, 'config.toml'),
  };
  await mkdir(join(directory, 'builds'));
  await run(
    options.binary,
    [
      'register',
      '--non-interactive',
      `--url=${options.url}`,
      `--token=${options.token}`,
      '--executor=shell',
      '--shell=bash',
      `--builds-dir=${join(directory, 'builds')}`,
      `--cache-dir=${join(directory, 'cache')}`,
      `--request-concurrency=${options.concurrent}`,
      // A time before each line would hide which of them are the user's.
      '--env=FF_TIMESTAMPS=false',
    ],
    { env, cwd: directory },
  );
  await run('sed', [
    '-i',
    `s/^concurrent = .*/concurrent = ${options.concurrent}/; s/^check_interval = .*/check_interval = 1/`,
    env.CONFIG_FILE,
  ]);
  let log = '';
  const child = spawn(options.binary, ['run', `--working-directory=${directory}`], {
    env,
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  return {
    log: () => log,
    stop: async () => {
      await ended(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** SIGTERM ends it with its jobs; it is killed when it takes longer. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await exited;
  clearTimeout(timer);
}
