import { type SlurmJob, tasksOf } from './slurm-job.js';

const fields =
  'ArrayJobID ArrayTaskID State exit_code UserName StartTime EndTime NodeList Reason Comment'.split(' ');

/** Names and comments are other people's text, line breaks and all: only what nobody can guess parts fields safely. */
export const squeueFormat = (nonce: string): string =>
  `--Format=${fields.map((field) => `${field}:|${nonce}|`).join(',')}`;

/** The jobs in what squeue printed with that format and SLURM_TIME_FORMAT=%s; rows that are none are left out. */
export function parseSqueue(text: string, nonce: string): readonly SlurmJob[] {
  const cells = text.split(`|${nonce}|`);
  const jobs: SlurmJob[] = [];
  for (let at = 0; at + fields.length < cells.length; at += fields.length) {
    const [
      id = '',
      tasks = '',
      state = '',
      code = '',
      user = '',
      start,
      end,
      nodes = '',
      reason = '',
      comment = '',
    ] = cells.slice(at, at + fields.length).map((cell, column) => (column === 0 ? cell.trimStart() : cell));
    if (!/^\d+$/.test(id)) continue;
    jobs.push({
      id,
      tasks: tasks === 'N/A' ? 'none' : tasksOf(tasks),
      states: [state],
      reason,
      ...codes(code),
      user,
      comment,
      nodes,
      startedAt: instant(start),
      endedAt: instant(end),
    });
  }
  return jobs;
}

/** `3:0`, an exit code and a signal. */
export function codes(text: string): { readonly exitCode: number; readonly signal: number } {
  const [, exitCode, signal] = /^(\d+):(\d+)$/.exec(text) ?? [];
  return { exitCode: Number(exitCode ?? 0), signal: Number(signal ?? 0) };
}

/** Seconds since 1970; undefined for `N/A`, `NONE`, `Unknown` and 0. */
export function instant(text: string | undefined): Date | undefined {
  return text !== undefined && /^[1-9]\d{0,11}$/.test(text) ? new Date(Number(text) * 1_000) : undefined;
}
