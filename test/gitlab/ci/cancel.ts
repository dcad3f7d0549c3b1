import { type Job } from '../job.js';

/**
 * Cancels a job as the button does: gently where its runner can, which then says the end; at once otherwise, when it is
 * forced, or when no runner has it. A job that is over stays as it is.
 */
export function cancel(job: Job, isForced = false): void {
  if (job.isOver) return;
  if (job.state === 'running' && job.cancelsGracefully && !isForced) job.become('canceling');
  else if (job.state !== 'canceling' || isForced) {
    job.awaitsRunner = false;
    job.become('canceled');
  }
}
