import { randomUUID } from 'node:crypto';
import { backendResource, jobTemplate } from '#contracts';
import { backendKinds, type GridBackend, openBackend, type Submission } from '#grid';
import type { Condor } from '#lab';
import type { Figures } from '../report.js';
import { emptyQueue } from './queue.js';

/** The backend alone, without bus and database. */
export function openHtcondor(condor: Condor): Promise<GridBackend> {
  return openBackend(backendKinds, {
    settings: backendResource.schema.parse({ name: 'pool', kind: 'htcondor', tools: condor.bin }),
    house: 'bench',
    directory: condor.workDirectory('backend'),
    logger: { info: () => {}, warn: () => {} },
  });
}

/** Milliseconds until HTCondor has taken all jobs of one group; that they are removed again is not measured. */
export async function byBackend(condor: Condor, backend: GridBackend, jobs: number): Promise<Figures> {
  const call = { signal: AbortSignal.timeout(120_000) };
  const submission = submissionOf(jobs);
  const start = performance.now();
  const { length } = await backend.submit(submission, call);
  const submitted = performance.now() - start;
  if (length !== jobs) throw new Error(`${length} jobs of ${jobs}`);
  await emptyQueue(condor);
  return { submitted };
}

const settingsOf = (job: number): string => `DATASET=${job}\nTOKEN=${'x'.repeat(200)}\n`;

function submissionOf(jobs: number): Submission {
  const { steps, resources, priority, batch } = jobTemplate.parse({
    steps: [{ name: 'script', script: 'true' }],
  });
  const small = { ...resources, memoryBytes: 64 * 2 ** 20, diskBytes: 64 * 2 ** 20 };
  return {
    id: randomUUID(),
    name: 'bench',
    project: 'bench',
    template: { steps, resources: small, priority, batch },
    wrapper: 'sleep 600\n',
    groupSettings: 'GROUP=bench\n',
    attempts: Array.from({ length: jobs }, (_, job) => ({ id: randomUUID(), settings: settingsOf(job) })),
    transfer: 'http',
  };
}
