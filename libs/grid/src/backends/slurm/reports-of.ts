import type { BatchReport } from '../../backend.js';
import { reportOf } from './report-of.js';
import { batchIdOf, partsOf, type SlurmJob } from './slurm-job.js';

/**
 * What is said of all jobs, and of those that are waited for although Slurm lists them no more: tasks of an array that
 * were cancelled before they ran leave no trace of their own. Those of which nothing can be said are left out.
 */
export function reportsOf(jobs: readonly SlurmJob[], open: Iterable<string>): readonly BatchReport[] {
  const reports = new Map<string, BatchReport>();
  const arrays = new Map<string, { remains?: SlurmJob; cutOff?: SlurmJob }>();
  for (const job of jobs) {
    const { id, tasks } = job;
    const array = arrays.get(id) ?? {};
    arrays.set(id, array);
    if (tasks === 'none') {
      reports.set(id, reportOf(id, job));
      array.remains = job;
      continue;
    }
    if (tasks.open) array.cutOff = job;
    for (const task of tasks.numbers) reports.set(batchIdOf(id, task), reportOf(batchIdOf(id, task), job));
  }
  for (const batchId of open) {
    const parts = partsOf(batchId);
    const array = parts?.task === undefined ? undefined : arrays.get(parts.id);
    if (array === undefined || reports.has(batchId)) continue;
    const known = array.cutOff ?? array.remains;
    reports.set(batchId, known === undefined ? withoutTrace(batchId) : reportOf(batchId, known));
  }
  return [...reports.values()];
}

function withoutTrace(batchId: string): BatchReport {
  const words =
    'Slurm has this array, but not this task of it any more: it was cancelled before it ran, or ended long ago';
  return { batchId, state: 'gone', reason: { fault: 'vanished', words } };
}
