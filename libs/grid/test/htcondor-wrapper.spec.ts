import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Submission } from '#grid';
import { composedGroup, derivedName, gridDeadlineMs, sharedCondor, whyNoGrid } from '#lab';
import { submissionOf } from './conformance.js';
import { type HtcondorWorld, htcondorWorld } from './htcondor-world.js';

const reason = whyNoGrid();
const name = derivedName(import.meta.url, '-');

/** One job for each key. */
const wrapped = (script: string, keys: readonly string[]): Submission =>
  composedGroup(
    {
      steps: [{ name: 'script', script }],
      outputs: ['*.txt'],
      resources: { memoryBytes: 64 * 2 ** 20, diskBytes: 64 * 2 ** 20 },
    },
    keys.map((key) => ({ key, variables: { KEY: key } })),
  );

// Real: the run's HTCondor, and the script that every job runs.
(reason === undefined ? describe : describe.skip)(reason ?? 'the job script on a real HTCondor', () => {
  const worlds = new Map<string, HtcondorWorld>();
  let directory: string;
  beforeAll(async () => {
    const condor = await sharedCondor();
    const { pool, schedd } = condor;
    worlds.set('local', await htcondorWorld(condor, `${name}-local`));
    worlds.set('shared', await htcondorWorld(condor, `${name}-shared`, { sharedFiles: true }));
    worlds.set('remote', await htcondorWorld(condor, `${name}-remote`, { pool, schedd }));
    directory = await mkdtemp(join(tmpdir(), 'slipway-collect-'));
  }, gridDeadlineMs);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const at = (schedd: string): HtcondorWorld => {
    const world = worlds.get(schedd);
    if (!world) throw new Error(`no ${schedd} schedd`);
    return world;
  };
  const brought = async ({ backend, call }: HtcondorWorld, id: string): Promise<(file: string) => string> => {
    const to = await mkdtemp(join(directory, 'job-'));
    const files = await backend.collect(id, to, call);
    const contents = new Map<string, string>();
    for (const file of files) contents.set(file, await readFile(join(to, file), 'latin1'));
    return (file) => contents.get(file) ?? '';
  };

  it.each(['local', 'remote'])(
    'of a %s schedd has its own settings, and its log, outputs and end come back',
    async (schedd) => {
      const world = at(schedd);
      const script = 'echo "I am $KEY"; echo "$KEY" > result.txt; test "$KEY" = one';
      const jobs = await world.backend.submit(wrapped(script, ['one', 'two']), world.call);
      const [first = '', second = ''] = jobs.map(({ batchId }) => batchId);
      const ended = ({ state }: { readonly state: string }): boolean => state === 'ended';
      expect(await world.until(first, 'the first to end', ended)).toMatchObject({ exitCode: 0 });
      expect(await world.until(second, 'the second to end', ended)).toMatchObject({ exitCode: 1 });
      const left = await brought(world, first);
      expect(left('slipway.log')).toContain('I am one');
      const archive = Buffer.from(left('slipway-outputs.tar.gz'), 'latin1');
      const unpack = ['-xzOf', '-', '--wildcards', '*result.txt'];
      expect(execFileSync('tar', unpack, { input: archive, encoding: 'utf8' })).toBe('one\n');
      const other = await brought(world, second);
      expect(other('slipway.log')).toContain('I am two');
      expect(other('slipway-end')).toContain('fault=script-failed');
      await world.backend.forget([first, second], world.call);
    },
  );

  it('reads its files where they are on nodes that see them, and runs where HTCondor has it run', async () => {
    const { backend, call, until } = at('shared');
    const own = 'case $SLIPWAY_WORK_DIRECTORY in "$_CONDOR_SCRATCH_DIR"/slipway.*/work) ;; *) exit 3 ;; esac';
    const group = wrapped(`${own}; : >result.txt; test "$KEY" = one`, ['one', 'two']);
    const jobs = await backend.submit({ ...group, transfer: 'http' }, call);
    for (const [index, exitCode] of [0, 1].entries()) {
      const id = jobs[index]?.batchId ?? '';
      const ended = await until(id, 'a job to end', ({ state }) => state === 'ended');
      expect(ended).toMatchObject({ exitCode });
      const log = (await backend.ownLog(id, call)) ?? '';
      expect(log).toContain(exitCode === 0 ? 'slipway: succeeded' : 'slipway: script-failed');
      expect(log).not.toMatch(/transferring input files/i);
    }
    await backend.forget(
      jobs.map(({ batchId }) => batchId),
      call,
    );
  });

  it('is not mistaken for a job that somebody gave the same attributes later', async () => {
    const world = at('local');
    const submission = submissionOf(['sleep 600'], { transfer: 'http' });
    const [job] = await world.backend.submit(submission, world.call);
    const forged = await world.backend.submit(submission, world.call);
    expect(await world.backend.find(submission, world.call)).toEqual([job]);
    await world.backend.cancel(
      [job, ...forged].map((one) => one?.batchId ?? ''),
      world.call,
    );
  });
});
