import { codes, instant } from './squeue.js';
import { memoryOf, type SlurmJob, tasksOf } from './slurm-job.js';

/** Fields that hold no text of people's; with --noconvert. */
export const sacctFields = 'JobID,State,ExitCode,Start,End,NodeList,ReqMem,MaxRSS';

/** The jobs in what `sacct --parsable2 --noheader --noconvert` printed, each before its steps; other rows are left out. */
export function parseSacct(text: string): readonly SlurmJob[] {
  const rows = text.split('\n').map((line) => line.split('|'));
  const most = new Map<string, number>();
  for (const [stepId = '', ...cells] of rows) {
    const [, jobId] = /^(\d+(?:_\d+)?)\./.exec(stepId) ?? [];
    const bytes = bytesOf(cells[6]);
    if (jobId !== undefined && bytes !== undefined) most.set(jobId, Math.max(bytes, most.get(jobId) ?? 0));
  }
  return rows.flatMap(([jobId = '', state = '', code = '', start, end, nodes = '', asked]) => {
    const [, id, tasks] = /^(\d+)(?:_(\d+|\[[^\]]*\]))?$/.exec(jobId) ?? [];
    if (id === undefined || state === '') return [];
    // `CANCELLED by 1000`: what comes after the state is who did it.
    const [base = '', ...rest] = state.split(' ');
    return {
      id,
      tasks: tasks === undefined ? ('none' as const) : tasksOf(tasks),
      states: [base],
      reason: rest.join(' '),
      ...codes(code),
      user: '',
      comment: '',
      nodes: nodes === 'None assigned' ? '' : nodes,
      startedAt: instant(start),
      endedAt: instant(end),
      memory: memoryOf(most.get(jobId), bytesOf(asked)),
    };
  });
}

/** Of `64M`; of `64Mc`, so much for each core as older ones write it, nothing is known. */
function bytesOf(text = ''): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)n?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1_024 ** ' KMGT'.indexOf(unit || ' ');
}
