import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComposedJob } from '#grid';

/** A job on what stands for a worker node. */
export interface RunningWrapper {
  readonly directory: string;
  readonly process: ChildProcess;
  /** The exit status of the wrapper, or the signal that ended it, and what it wrote. */
  readonly ended: Promise<{ readonly status: number | NodeJS.Signals; readonly said: string }>;
}

/** Begins a job as a batch system does, in a directory of its own below the given one or in that one itself. */
export async function runWrapper(
  parent: string,
  files: ComposedJob,
  { shell = ['sh'], inside = false }: { readonly shell?: readonly string[]; readonly inside?: boolean } = {},
): Promise<RunningWrapper> {
  await mkdir(parent, { recursive: true });
  const directory = inside ? parent : await mkdtemp(join(parent, 'job-'));
  await writeFile(join(directory, 'slipway-job.sh'), files.wrapper);
  await writeFile(join(directory, 'slipway-group.sh'), files.groupSettings);
  await writeFile(join(directory, 'slipway-attempt.sh'), files.attemptSettings, { mode: 0o600 });
  const [program = 'sh', ...args] = shell;
  const child = spawn(program, [...args, 'slipway-job.sh'], {
    cwd: directory,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said += data.toString()));
  const ended = new Promise<{ status: number | NodeJS.Signals; said: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => setImmediate(() => resolve({ status: signal ?? code ?? 0, said })));
  });
  return { directory, process: child, ended };
}
