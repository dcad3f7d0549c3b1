import { randomBytes } from 'node:crypto';
import { backendResource, jobTemplate } from '#contracts';
import { permanent } from '#errors';
import type { GridBackend } from '#grid';
import { openKeyRing } from '#secrets';
import { JobFiles } from '../clients/job-files.js';
import type { Picked } from '../storage/pick.store.js';
import type { EngineParts } from './parts.js';
import { SubmitWork } from './submit-work.js';

const ring = openKeyRing(`test:${randomBytes(32).toString('base64')}`);
const settings = backendResource.schema.parse({ name: 'pool', kind: 'htcondor' });
const picked: Picked = {
  id: 'submission',
  group: {
    id: 'group',
    name: 'a group',
    project: 'higgs',
    backend: 'pool',
    identity: undefined,
    user: undefined,
    template: jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] }),
  },
  runningAtOnce: undefined,
  attempts: [{ id: 'attempt', jobId: 'job', index: 0, number: 1, item: { key: 'a', variables: {} } }],
};

/** The calls that one submission leads to, by name, with what is told of here. */
async function callsOf(given: {
  readonly compose?: () => never;
  readonly submit?: () => never;
  readonly signal?: AbortSignal;
}): Promise<readonly (readonly unknown[])[]> {
  const calls: (readonly unknown[])[] = [];
  const files = new JobFiles({ monitorUrl: 'https://monitor.example.org', ring });
  const call =
    (name: string, result?: unknown) =>
    async (_of: unknown, ...rest: unknown[]): Promise<unknown> => {
      calls.push([name, ...rest]);
      return result;
    };
  const parts = {
    submissions: { release: call('release'), doubt: call('doubt'), renew: () => true },
    backOffs: { leaveAlone: call('leaveAlone', 8) },
    identities: { of: () => ({ identity: undefined }) },
    files: given.compose ? { submissionOf: given.compose } : files,
    metrics: { became: () => undefined },
    log: { info: () => undefined, warn: () => undefined },
    leaseMs: 60_000,
    holder: 'me',
  } as unknown as EngineParts;
  const submit = async (): Promise<unknown> => {
    calls.push(['submit']);
    return given.submit?.();
  };
  const backend = { submit, settlesWithin: 0 } as unknown as GridBackend;
  const signal = given.signal ?? new AbortController().signal;
  await new SubmitWork(parts).run(picked, performance.now(), { backend, settings, signal });
  return calls;
}

describe('a submission that cannot be made', () => {
  const failing = (error: Error) => (): never => {
    throw error;
  };

  it('for want of the submitter’s own files is put back ever longer, and nothing is looked for', async () => {
    expect(await callsOf({ compose: failing(new Error('ENOENT: job.sh')) })).toEqual([
      ['leaveAlone', 'ENOENT: job.sh'],
      ['release', 'ENOENT: job.sh', 8_000],
    ]);
  });

  it('for what one group has of its own holds up that group alone', async () => {
    const damaged = permanent('secrets.damaged', 'not sealed here');
    expect(await callsOf({ compose: failing(damaged) })).toEqual([['release', 'not sealed here', 60_000]]);
  });

  it('by a backend that fails as nobody foresaw is looked for, and the backend left alone', async () => {
    expect(await callsOf({ submit: failing(new Error('spawn EAGAIN')) })).toEqual([
      ['submit'],
      ['doubt', 'spawn EAGAIN', 0],
      ['leaveAlone', 'spawn EAGAIN'],
    ]);
  });

  it('because the service stops says nothing about the batch system', async () => {
    const stopping = new AbortController();
    const submit = (): never => {
      stopping.abort();
      throw new Error('the service stops');
    };
    expect(await callsOf({ submit, signal: stopping.signal })).toEqual([
      ['submit'],
      ['doubt', 'the service stops', 0],
    ]);
  });
});
