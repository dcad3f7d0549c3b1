import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Highest sum, in MB, of the peak resident sizes (VmHWM) of processes that were alive together. */
export interface MemoryWatch {
  stop(): number;
}

const sampleMs = 25;

/** Watches a process and all that it starts. */
export function watchMemory(pid: number): MemoryWatch {
  let peak = 0;
  const sample = (): void => {
    const total = family(pid).reduce((sum, one) => sum + peakKilobytes(one), 0);
    peak = Math.max(peak, total / 1000);
  };
  if (!existsSync(`/proc/${process.pid}/task/${process.pid}/children`))
    throw new Error('this kernel does not list children (CONFIG_PROC_CHILDREN): memory cannot be watched');
  const timer = setInterval(sample, sampleMs);
  sample();
  return {
    stop: () => {
      sample();
      clearInterval(timer);
      return peak;
    },
  };
}

function family(root: number): readonly number[] {
  const found = [root];
  for (const one of found) {
    // A fork that has not become its program yet shares its parent's pages: to count them twice would be wrong.
    found.push(...childrenOf(one).filter((pid) => !found.includes(pid) && !isSameProgram(pid, one)));
  }
  return found;
}

/**
 * As the kernel lists them for each thread: to look at all processes of the machine took a tenth of a core, from whoever
 * was measured.
 */
function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function isSameProgram(one: number, other: number): boolean {
  try {
    return readlinkSync(`/proc/${one}/exe`) === readlinkSync(`/proc/${other}/exe`);
  } catch {
    return true;
  }
}

const peakKilobytes = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1.024;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Runs a program to its end and returns its peak memory in MB; fails with the end of what it said. */
export async function run(program: string, args: readonly string[], cwd = '/'): Promise<number> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const watch = watchMemory(child.pid ?? -1);
  try {
    await ended(child, program);
  } finally {
    watch.stop();
  }
  return watch.stop();
}

/** Throws where it cannot be started or ends with anything but 0, then with the last 2,000 characters of stderr. */
export async function ended(child: ChildProcess, name: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${said}`);
}
