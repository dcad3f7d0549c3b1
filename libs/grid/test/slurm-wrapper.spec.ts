import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendResource, jobTemplate } from '#contracts';
import {
  attemptIdOf,
  backendKinds,
  type BatchReport,
  type Call,
  composeJob,
  type GridBackend,
  jobIdOf,
  openBackend,
  type Submission,
} from '#grid';
import { derivedName, GRID_DEADLINE_MS, sharedSlurm, type Slurm, waitFor, whyNoGrid } from '#lab';

const reason = whyNoGrid();
const call: Call = { signal: AbortSignal.timeout(900_000) };
const house = derivedName(import.meta.url, '-');

/** A group of jobs as the submitter hands it over, one for each of these keys, on nodes that have no way out. */
function group(script: string, keys: readonly string[]): Submission {
  const template = jobTemplate.parse({ steps: [{ name: 'script', script }], outputs: ['*.txt'] });
  const [groupId, project] = [randomUUID(), 'higgs'];
  const whole = { groupId, name: 'a group', project, backend: 'cluster', template };
  const composed = keys.map((key, index) => {
    const jobId = jobIdOf(groupId, index);
    const item = { key, variables: { KEY: key } };
    const attempt = { jobId, attemptId: attemptIdOf(jobId, 1), index, attempt: 1, item };
    return { id: attempt.attemptId, ...composeJob(whole, attempt, {}) };
  });
  const { wrapper = '', groupSettings = '' } = composed[0] ?? {};
  return {
    id: randomUUID(),
    name: whole.name,
    project,
    template,
    wrapper,
    groupSettings,
    attempts: composed.map(({ id, attemptSettings }) => ({ id, settings: attemptSettings })),
    transfer: 'backend',
  };
}

// Real: the run's Slurm, and the script that every job runs.
(reason === undefined ? describe : describe.skip)(reason ?? 'a group of jobs on Slurm', () => {
  let backend: GridBackend;
  let directory: string;
  beforeAll(async () => {
    const slurm: Slurm = await sharedSlurm();
    const shared = slurm.workDirectory(house);
    const settings = { name: 'cluster', kind: 'slurm', directory: shared, tools: slurm.bin };
    backend = await openBackend(backendKinds, {
      settings: backendResource.schema.parse(settings),
      house,
      directory: shared,
      logger: { info: () => {}, warn: () => {} },
    });
    directory = await mkdtemp(join(tmpdir(), 'slipway-collect-'));
  }, GRID_DEADLINE_MS);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const submit = async (submission: Submission): Promise<string[]> =>
    (await backend.submit(submission, call)).map(({ batchId }) => batchId);
  const until = (id: string, what: string, holds: (report: BatchReport) => boolean): Promise<BatchReport> =>
    waitFor(
      async () => (await backend.poll(new Set([id]), call)).find((one) => one.batchId === id && holds(one)),
      { what, deadlineMs: 90_000 },
    );
  const over = ({ state }: BatchReport): boolean => state === 'ended' || state === 'gone';
  /** One of the files that a job left. */
  const brought = async (id: string, name: string): Promise<string> => {
    const to = await mkdtemp(join(directory, 'job-'));
    return (await backend.collect(id, to, call)).includes(name) ? readFile(join(to, name), 'utf8') : '';
  };

  it('gives each its own settings, and brings back its log, its outputs and how it ended', async () => {
    const ids = await submit(
      group('echo "I am $KEY"; echo "$KEY" > result.txt; test "$KEY" = one', ['one', 'two']),
    );
    const [first = '', second = ''] = ids;
    expect(await until(first, 'the first to end', over)).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await brought(first, 'slipway.log')).toContain('I am one');
    await backend.collect(first, directory, call);
    const unpacked = execFileSync('tar', [
      '-xzOf',
      join(directory, 'slipway-outputs.tar.gz'),
      '--wildcards',
      '*result.txt',
    ]);
    expect(unpacked.toString('utf8')).toBe('one\n');
    expect(await until(second, 'the second to end', over)).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await brought(second, 'slipway.log')).toContain('I am two');
    expect(await brought(second, 'slipway-end')).toContain('fault=script-failed');
  });

  it('shows the log of a job while it runs, and keeps it when the job is cancelled', async () => {
    const [id = ''] = await submit(group('echo "so far"; sleep 600', ['one']));
    await until(id, 'the job to run', ({ state }) => state === 'running');
    await waitFor(async () => (await brought(id, 'slipway.log')).includes('so far'), {
      what: 'the log of a running job',
    });
    await backend.cancel([id], call);
    expect(await until(id, 'the job to be cancelled', over)).toMatchObject({
      state: 'gone',
      reason: { fault: 'cancelled' },
    });
    expect(await brought(id, 'slipway.log')).toContain('so far');
    expect(await backend.ownLog(id, call)).toContain('CANCELLED');
  });
});
