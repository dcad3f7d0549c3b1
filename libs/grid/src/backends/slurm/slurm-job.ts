/** What Slurm says of one job, or of the tasks of an array that it keeps as one. */
export interface SlurmJob {
  /** The id of the array, or of a job that is in none. */
  readonly id: string;
  /**
   * `none`: no task of an array, or what is left of an array of which no task is left. A list: tasks that share one
   * state. `open`: Slurm cut the list off.
   */
  readonly tasks: 'none' | { readonly numbers: readonly number[]; readonly open: boolean };
  /** The base state and what goes with it, in capital letters: `COMPLETED`, `COMPLETING`. */
  readonly states: readonly string[];
  /** In Slurm's words: `TimeLimit`, `NonZeroExitCode`. */
  readonly reason: string;
  readonly exitCode: number;
  readonly signal: number;
  readonly user: string;
  readonly comment: string;
  readonly nodes: string;
  readonly startedAt?: Date | undefined;
  readonly endedAt?: Date | undefined;
  /** What its steps took of its node's memory at most and what was asked for, in bytes, where the accounting has both. */
  readonly memory?: { readonly most: number; readonly asked: number } | undefined;
}

/** A job's id as its users type it. */
export const batchIdOf = (id: string, task?: number): string => (task === undefined ? id : `${id}_${task}`);

/** `14_5` in its parts; undefined for what is no id of Slurm's. */
export function partsOf(batchId: string): { readonly id: string; readonly task?: number } | undefined {
  const [, id, task] = /^(\d{1,10})(?:_(\d{1,9}))?$/.exec(batchId) ?? [];
  if (id === undefined) return undefined;
  return task === undefined ? { id } : { id, task: Number(task) };
}

const mostTasks = 4_000_001;

/** The tasks of `0-3,7,9-11:2%4`, as Slurm writes them, or of `0x3FE`, a bit for each, as its accounting does. */
export function tasksOf(text: string): { readonly numbers: readonly number[]; readonly open: boolean } {
  const list = text.replaceAll(/[[\]]/g, '').replace(/%\d+$/, '');
  const numbers: number[] = [];
  if (/^0x[0-9a-f]{1,100000}$/i.test(list)) {
    const bits = BigInt(list).toString(2);
    for (let task = 0; task < bits.length; task += 1) if (bits.at(-1 - task) === '1') numbers.push(task);
    return { numbers, open: false };
  }
  for (const part of list.split(',')) {
    const [, from = '', to = from, step = '1'] = /^(\d+)(?:-(\d+))?(?::(\d+))?$/.exec(part) ?? [];
    if (from === '' || Number(to) > mostTasks) continue;
    for (let task = Number(from); task <= Number(to); task += Math.max(1, Number(step))) numbers.push(task);
  }
  return { numbers, open: list.includes('...') };
}

/** The jobs and arrays that these belong to, each once. */
export function jobsAndArrays(batchIds: Iterable<string>): readonly string[] {
  return [...new Set([...batchIds].flatMap((batchId) => partsOf(batchId)?.id ?? []))];
}

/** Ids as Slurm's tools take them in bulk: `14_[0-5,9]`. What is no id is left out. */
export function inRanges(batchIds: Iterable<string>): readonly string[] {
  const jobs: string[] = [];
  const arrays = new Map<string, number[]>();
  for (const batchId of batchIds) {
    const parts = partsOf(batchId);
    if (parts === undefined) continue;
    if (parts.task === undefined) jobs.push(parts.id);
    else arrays.set(parts.id, [...(arrays.get(parts.id) ?? []), parts.task]);
  }
  for (const [id, tasks] of arrays) jobs.push(`${id}_[${rangesOf(tasks)}]`);
  return jobs;
}

function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

/** Both or nothing. */
export const memoryOf = (most: number | undefined, asked: number | undefined): SlurmJob['memory'] =>
  most === undefined || asked === undefined ? undefined : { most, asked };
