import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { jobTemplate } from '#contracts';
import { type AttemptToRun, composeJob, type GroupToRun, type WayToMonitor } from '#grid';
import { waitFor } from '#lab';

/** The shells that worker nodes have for sh. */
export const shells = [
  ['dash', ['dash']],
  ['busybox sh', ['busybox', 'sh']],
  ['bash as sh', ['bash', '--posix']],
] as const;

/** A job for the real wrapper on this machine, no batch system between; without `monitorUrl` it runs alone. */
export interface JobToRun extends WayToMonitor {
  readonly template: z.input<typeof jobTemplate>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly shell?: readonly string[];
  readonly token?: string;
  readonly attemptId?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where it runs; absent: a new directory. */
  readonly directory?: string;
}

/** A step of a job, called `script` unless told. */
export const step = (
  script: string,
  more: Partial<JobToRun['template']['steps'][number]> = {},
): JobToRun['template']['steps'][number] => ({ name: 'script', script, ...more });

/** A job whose wrapper is a child of this process, for tests to signal; `directory` keeps what it leaves. */
export interface RunningJob {
  readonly directory: string;
  readonly attemptId: string;
  readonly process: ChildProcess;
  readonly ended: Promise<EndedJob>;
  /** What its steps have said so far. */
  readonly log: () => Promise<string>;
  /** Resolves once they have said this. */
  readonly says: (text: string) => Promise<unknown>;
}

/** How the wrapper itself ended, and what it wrote to its output and error; the steps' own is in `log`. */
export interface EndedJob {
  readonly code: number | null;
  readonly said: string;
}

/** Puts a job's three files into a directory and begins it there, as a batch system does. */
export async function beginJob(job: JobToRun): Promise<RunningJob> {
  const directory = job.directory ?? (await mkdtemp(join(tmpdir(), 'slipway job ')));
  const attemptId = job.attemptId ?? randomUUID();
  const group: GroupToRun = {
    groupId: randomUUID(),
    name: 'a group',
    project: 'project',
    backend: 'node',
    template: jobTemplate.parse(job.template),
  };
  const attempt: AttemptToRun = {
    jobId: randomUUID(),
    attemptId,
    index: 0,
    attempt: 1,
    item: { key: job.key ?? 'job', variables: job.variables ?? {} },
  };
  const files = composeJob(group, attempt, job);
  await writeFile(join(directory, 'slipway-job.sh'), files.wrapper);
  await writeFile(join(directory, 'slipway-group.sh'), files.groupSettings);
  await writeFile(join(directory, 'slipway-attempt.sh'), files.attemptSettings, { mode: 0o600 });
  const [program = 'sh', ...args] = job.shell ?? ['sh'];
  const child = spawn(program, [...args, 'slipway-job.sh'], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...job.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const ended = new Promise<EndedJob>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      // What a killed wrapper leaves running keeps the pipes open.
      setImmediate(() => resolve({ code, said }));
    });
  });
  const log = (): Promise<string> => readFile(join(directory, 'slipway.log'), 'utf8');
  return {
    directory,
    attemptId,
    process: child,
    ended,
    log,
    says: (text) => waitFor(async () => (await log()).includes(text), { what: `the job to say "${text}"` }),
  };
}

/** `key=value` lines. */
export function linesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** What a job left that does not talk to the monitor. */
export const endOf = async (directory: string): Promise<Readonly<Record<string, string>>> =>
  linesOf(await readFile(join(directory, 'slipway-end'), 'utf8'));
