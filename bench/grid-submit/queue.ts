import type { Condor } from '#lab';

/** Each round meets the queue that the first one met. */
export async function emptyQueue(condor: Condor): Promise<void> {
  await condor.inside('condor_rm', '-all');
  for (;;) {
    const left = await condor.inside('condor_q', '-allusers', '-autoformat', 'ClusterId');
    if (left.trim() === '') return;
  }
}
