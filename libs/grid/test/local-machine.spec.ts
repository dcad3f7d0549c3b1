import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Submission } from '#grid';
import { type BackendWorld, backendWorld, isOver, isRunning, waitFor } from '#lab';
import { submissionOf } from './conformance.js';

/** Processes whose command line holds this directory: the supervisor of this machine. */
const supervisors = (directory: string): readonly number[] => {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes('supervisor.main.js') && line.includes(directory))
    .map((line) => Number.parseInt(line, 10));
};

describe('the machine as a batch system', () => {
  let world: BackendWorld;
  let directory: string;

  // A machine of its own for each test: directory, supervisor and jobs.
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-local-'));
    const lab = { workDirectory: () => directory };
    world = await backendWorld(lab, { house: 'test', settings: { kind: 'local' } });
  });
  afterEach(async () => {
    const { backend, call } = world;
    const reports = await backend.poll(new Set(), call);
    await backend.cancel(
      reports.map(({ batchId }) => batchId),
      call,
    );
    for (const pid of supervisors(directory)) process.kill(pid, 'SIGKILL');
    await waitFor(() => supervisors(directory).length === 0, { what: 'the supervisor to be gone' });
    await rm(directory, { recursive: true, force: true, maxRetries: 20 });
  });

  const submit = async (submission: Submission): Promise<string> => (await world.submit(submission))[0] ?? '';

  const limited = (does: string, limits: Partial<Submission['template']['resources']>): Submission => {
    const { template, ...rest } = submissionOf([does]);
    return { ...rest, template: { ...template, resources: { ...template.resources, ...limits } } };
  };

  it('ends a job that uses more memory than it may, all of its processes', async () => {
    const eats = 'tail /dev/zero';
    const id = await submit(limited(`setsid sh -c "${eats}" & wait`, { memoryBytes: 50 * 2 ** 20 }));
    expect(await world.until(id, 'the job to be ended', isOver)).toMatchObject({
      state: 'gone',
      reason: { fault: 'memory-exceeded' },
    });
  });

  it('ends a job that writes more than it may', async () => {
    const id = await submit(limited('head -c 3000000 /dev/zero > big; sleep 100', { diskBytes: 2_000_000 }));
    expect(await world.until(id, 'the job to be ended', isOver)).toMatchObject({
      state: 'gone',
      reason: { fault: 'disk-exceeded' },
    });
  });

  it('leaves no process of a job behind', async () => {
    const id = await submit(submissionOf(['setsid sleep 987 & exit 0']));
    await world.until(id, 'the job to end', isOver);
    await waitFor(
      () => !execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n').includes('sleep 987'),
      { what: 'what the job left running to be gone' },
    );
  });

  it('keeps jobs through the death of the supervisor, and runs none twice', async () => {
    const count = join(directory, 'count');
    const id = await submit(submissionOf([`echo once >> ${count}; sleep 2; exit 5`]));
    const waits = await submit(submissionOf(['exit 6']));
    await world.until(id, 'the job to run', isRunning);
    for (const pid of supervisors(directory)) process.kill(pid, 'SIGKILL');
    expect(await world.until(id, 'the job to end', isOver)).toMatchObject({ state: 'ended', exitCode: 5 });
    expect(await world.until(waits, 'the other job to end', isOver)).toMatchObject({
      state: 'ended',
      exitCode: 6,
    });
    expect(execFileSync('cat', [count], { encoding: 'utf8' })).toBe('once\n');
  });

  it('says so when a job was killed together with its shell', async () => {
    const id = await submit(submissionOf(['kill -9 $PPID; kill -9 $$']));
    expect(await world.until(id, 'the job to be gone', isOver)).toMatchObject({
      state: 'gone',
      reason: { fault: 'node-failed' },
    });
  });

  it('takes a submission that comes twice as one', async () => {
    const submission = submissionOf(['sleep 100']);
    const id = await submit(submission);
    expect(await submit(submission)).toBe(id);
    expect(await world.backend.poll(new Set(), world.call)).toHaveLength(1);
  });

  it('refuses what the machine does not have', async () => {
    await expect(submit(limited('true', { cpus: 4_000 }))).rejects.toMatchObject({ code: 'grid.refused' });
  });
});
