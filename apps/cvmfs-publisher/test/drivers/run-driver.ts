import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DriverTask } from './crash-scenario.js';

const driverScript = join(process.cwd(), 'dist/apps/cvmfs-publisher/test/drivers/driver-process.js');

/** A process that works with a driver, for the test to kill. */
export interface DriverRun {
  readonly child: ChildProcess;
  /** Steps told, exit code and signal, once the process has ended. */
  readonly ended: Promise<{ steps: string[]; code: number | null; signal: string | null; errors: string }>;
}

/** Starts a driver in a process of its own. */
export function startDriver(task: DriverTask): DriverRun {
  const child = spawn(process.execPath, [driverScript, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({
    steps: output.split('\n').filter(Boolean),
    code: code as number | null,
    signal: signal as string | null,
    errors,
  }));
  return { child, ended };
}

/** Waits until the stand-in holds at the point that CVMFS_STANDIN_PAUSE names. */
export async function held(directory: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!existsSync(join(directory, 'paused'))) {
    if (Date.now() > deadline) throw new Error('the stand-in never came to the point');
    await pause(10);
  }
}

/** Lets the stand-in go on. */
export function goOn(directory: string): void {
  rmSync(join(directory, 'paused'), { force: true });
}
