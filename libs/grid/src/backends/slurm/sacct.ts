import { codes, instant } from './squeue.js';
import { type SlurmJob, tasksOf } from './slurm-job.js';

/** Fields that hold no text of people's. */
export const sacctFields = 'JobID,State,ExitCode,Start,End,NodeList';

/** The jobs in what `sacct --parsable2 --noheader --allocations` printed; rows that are none are left out. */
export function parseSacct(text: string): readonly SlurmJob[] {
  return text.split('\n').flatMap((line) => {
    const [jobId = '', state = '', code = '', start, end, nodes = ''] = line.split('|');
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
    };
  });
}
