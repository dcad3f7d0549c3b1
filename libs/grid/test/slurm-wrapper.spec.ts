import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Submission } from '#grid';
import {
  type BackendWorld,
  backendWorld,
  isOver,
  isRunning,
  composedGroup,
  derivedName,
  gridDeadlineMs,
  sharedSlurm,
  waitFor,
  whyNoGrid,
} from '#lab';

const reason = whyNoGrid();
const house = derivedName(import.meta.url, '-');

/** One job for each of these keys. */
const group = (script: string, keys: readonly string[]): Submission =>
  composedGroup(
    { steps: [{ name: 'script', script }], outputs: ['*.txt'] },
    keys.map((key) => ({ key, variables: { KEY: key } })),
  );

// Real: the run's Slurm, and the script that every job runs.
(reason === undefined ? describe : describe.skip)(reason ?? 'a group of jobs on Slurm', () => {
  let world: BackendWorld;
  let directory: string;
  beforeAll(async () => {
    const slurm = await sharedSlurm();
    const shared = slurm.workDirectory(house);
    const settings = { kind: 'slurm', directory: shared, tools: slurm.bin };
    world = await backendWorld(slurm, { house, settings });
    directory = await mkdtemp(join(tmpdir(), 'slipway-collect-'));
  }, gridDeadlineMs);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** One of the files that a job left. */
  const brought = async (id: string, name: string): Promise<string> => {
    const to = await mkdtemp(join(directory, 'job-'));
    return (await world.backend.collect(id, to, world.call)).includes(name)
      ? readFile(join(to, name), 'utf8')
      : '';
  };

  it('gives each its own settings, and brings back its log, its outputs and how it ended', async () => {
    const ids = await world.submit(
      group('echo "I am $KEY"; echo "$KEY" > result.txt; test "$KEY" = one', ['one', 'two']),
    );
    const [first = '', second = ''] = ids;
    expect(await world.until(first, 'the first to end', isOver)).toMatchObject({
      state: 'ended',
      exitCode: 0,
    });
    expect(await brought(first, 'slipway.log')).toContain('I am one');
    await world.backend.collect(first, directory, world.call);
    const unpacked = execFileSync('tar', [
      '-xzOf',
      join(directory, 'slipway-outputs.tar.gz'),
      '--wildcards',
      '*result.txt',
    ]);
    expect(unpacked.toString('utf8')).toBe('one\n');
    expect(await world.until(second, 'the second to end', isOver)).toMatchObject({
      state: 'ended',
      exitCode: 1,
    });
    expect(await brought(second, 'slipway.log')).toContain('I am two');
    expect(await brought(second, 'slipway-end')).toContain('fault=script-failed');
  });

  it('shows the log of a job while it runs, and keeps it when the job is cancelled', async () => {
    const [id = ''] = await world.submit(group('echo "so far"; sleep 600', ['one']));
    await world.until(id, 'the job to run', isRunning);
    await waitFor(async () => (await brought(id, 'slipway.log')).includes('so far'), {
      what: 'the log of a running job',
    });
    await world.backend.cancel([id], world.call);
    expect(await world.until(id, 'the job to be cancelled', isOver)).toMatchObject({
      state: 'gone',
      reason: { fault: 'cancelled' },
    });
    expect(await brought(id, 'slipway.log')).toContain('so far');
    expect(await world.backend.ownLog(id, world.call)).toContain('CANCELLED');
  });
});
