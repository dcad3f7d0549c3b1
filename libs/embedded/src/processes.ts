import { readdirSync, readFileSync } from 'node:fs';

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot: together with the pid it names a process for good. */
  readonly startTime: string;
  readonly state: string;
}

/** A process named beyond reuse of its number, as `pid:start time`; undefined when there is none (or only a zombie). */
export function processIdentity(pid: number): string | undefined {
  const stat = readStat(pid);
  return stat === undefined || stat.state === 'Z' ? undefined : `${stat.pid}:${stat.startTime}`;
}

/** Whether the process of that identity still runs. */
export function isSameProcess(identity: string): boolean {
  return processIdentity(Number.parseInt(identity, 10)) === identity;
}

/** Whether the system still knows it, be it dead already and only waiting for its parent to ask. */
export function isStillListed(identity: string): boolean {
  const stat = readStat(Number.parseInt(identity, 10));
  return stat !== undefined && `${stat.pid}:${stat.startTime}` === identity;
}

/**
 * Signals a process and all its descendants. PostgreSQL's backends and Erlang's helpers leave their parent's process
 * group, so signalling the group would miss them.
 */
export function signalTree(root: number, signal: NodeJS.Signals): void {
  for (const pid of descendants(root)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

/**
 * Whether every thread of a process and of its descendants stands still. SIGSTOP takes effect once one of a process's
 * threads gets a core, and until then the others go on: for tens of milliseconds on a busy machine.
 */
export function isTreeStopped(root: number): boolean {
  return descendants(root).every((pid) => threadStates(pid).every((state) => 'TtZX'.includes(state)));
}

function threadStates(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => readStat(Number(thread))?.state ?? 'X');
  } catch {
    // It ended by itself in the meantime.
    return [];
  }
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? readStat(Number(entry)) : undefined;
    if (stat !== undefined) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat.pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may hold spaces and brackets itself.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] ?? '', parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
