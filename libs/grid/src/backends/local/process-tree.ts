import { readdir, readFile } from 'node:fs/promises';

/** One process, as Linux' /proc tells of it (proc(5)). */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** When it began, in ticks since the machine's start. */
  readonly since: string;
  readonly cpuTicks: number;
  readonly residentPages: number;
}

/** Ticks of a second, in which /proc counts a process's CPU time: as on every Linux but for odd kernels. */
export const ticksPerSecond = 100;
/** Bytes of a page, in which /proc counts the memory of a process: as on every x86 Linux, and most others. */
export const pageBytes = 4_096;

/** Undefined where there is no such process any more. */
export async function processOf(pid: number): Promise<Process | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name, in brackets, may hold anything: fields are counted after the last bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (n: number): number => Number(fields[n] ?? 0);
  if (fields[0] === 'Z') return undefined;
  return {
    pid,
    parent: number(1),
    session: number(3),
    since: fields[19] ?? '',
    cpuTicks: number(11) + number(12),
    residentPages: number(21),
  };
}

/** All processes of the machine that this one may look at (proc(5)). */
export async function processes(): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => processOf(pid)));
  return found.filter((one) => one !== undefined);
}

/**
 * A job's processes: its shell, everything in a session that the shell or a descendant opened, and all descendants. A
 * daemon that left both its parents and its session is found by the mark in its environment.
 */
export async function treeOf(
  all: readonly Process[],
  root: number,
  mark: string,
): Promise<readonly Process[]> {
  const tree = new Map<number, Process>();
  const sessions = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const one of all) {
      if (tree.has(one.pid)) continue;
      if (one.pid !== root && !tree.has(one.parent) && !sessions.has(one.session)) continue;
      tree.set(one.pid, one);
      if (one.session === one.pid) sessions.add(one.pid);
      grown = true;
    }
  }
  const strays = all.filter(({ pid, parent }) => parent === 1 && !tree.has(pid));
  for (const stray of strays) if (await isMarked(stray.pid, mark)) tree.set(stray.pid, stray);
  return [...tree.values()];
}

/** The oldest process with a mark in its environment. */
export async function firstMarked(mark: string): Promise<Process | undefined> {
  const found: Process[] = [];
  for (const one of await processes()) if (await isMarked(one.pid, mark)) found.push(one);
  return found.sort((a, b) => Number(a.since) - Number(b.since) || a.pid - b.pid)[0];
}

async function isMarked(pid: number, mark: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').includes(mark);
  } catch {
    return false;
  }
}
