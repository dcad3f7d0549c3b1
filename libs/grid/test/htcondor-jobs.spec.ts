import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobTemplate } from '#contracts';
import type { GridIdentity } from '#grid';
import { derivedName, gridDeadlineMs, sharedCondor, startCondor, waitFor, whyNoGrid } from '#lab';
import { submissionOf } from './conformance.js';
import { type HtcondorWorld, htcondorWorld } from './htcondor-world.js';

const reason = whyNoGrid();
const name = derivedName(import.meta.url, '-');

// Real: the run's HTCondor.
(reason === undefined ? describe : describe.skip)(reason ?? 'a job on a real HTCondor', () => {
  let world: HtcondorWorld;
  beforeAll(async () => {
    world = await htcondorWorld(await sharedCondor(), name, {
      allowedSubmitCommands: ['requirements', '+DesiredSites'],
    });
  }, gridDeadlineMs);

  const submitOne = async (
    does: string,
    template: Partial<ReturnType<typeof submissionOf>['template']> = {},
  ): Promise<string> => {
    const submission = submissionOf([does], { transfer: 'http' });
    const whole = { ...submission, template: { ...submission.template, ...template } };
    const [job] = await world.backend.submit(whole, world.call);
    return job?.batchId ?? '';
  };
  const attribute = async (batchId: string, ...names: string[]): Promise<string> =>
    (await world.condor.inside('condor_q', batchId, '-autoformat', ...names)).trim();

  it('that is evicted after it had begun is gone, and does not begin again', async () => {
    const id = await submitOne('sleep 600');
    await world.until(id, 'a job to run', ({ state }) => state === 'running');
    const report = await waitFor(
      async () => {
        const reports = await world.backend.poll(new Set([id]), world.call);
        const found = reports.find(({ batchId }) => batchId === id);
        // A startd that is only just starting the job passes the wish over: it is said again.
        if (found?.state === 'running') await world.condor.inside('condor_vacate_job', '-fast', id);
        return found?.state === 'gone' ? found : undefined;
      },
      { what: 'an evicted job to be gone', deadlineMs: 90_000, intervalMs: 2_000 },
    );
    expect(report.reason).toMatchObject({ fault: 'evicted' });
    const [line] = (await world.condor.inside('condor_history', id, '-autoformat', 'NumJobStarts')).split(
      '\n',
    );
    expect(line).toBe('1');
  });

  it('that an administrator puts on hold says so, with their reason', async () => {
    const id = await submitOne('sleep 600');
    await world.condor.inside('condor_hold', '-reason', 'the disk is being exchanged', id);
    const report = await world.until(id, 'a job to be held', ({ state }) => state === 'held');
    expect(report.reason?.words).toContain('the disk is being exchanged');
    await world.backend.cancel([id], world.call);
    await world.until(id, 'a held job to be gone', ({ state }) => state === 'gone');
  });

  it('that goes on five minutes beyond its wall time is removed by HTCondor, for just that', async () => {
    const submission = submissionOf(['sleep 600']);
    const { template } = submission;
    // So that those five minutes are over a second after it began.
    const resources = { ...template.resources, wallTimeSeconds: 1 - 300 };
    const [id = ''] = await world.submit({ ...submission, template: { ...template, resources } });
    expect(await world.until(id, 'HTCondor to remove it', ({ state }) => state === 'gone')).toMatchObject({
      reason: { fault: 'wall-time-exceeded', words: expect.stringContaining('beyond its wall-clock time') },
    });
  }, 180_000);

  it('that an administrator removed is gone, in HTCondor’s words', async () => {
    const id = await submitOne('sleep 600');
    await world.condor.inside('condor_rm', id);
    const { reason: why } = await world.until(
      id,
      'a removed job to be gone',
      ({ state }) => state === 'gone',
    );
    expect(why).toMatchObject({ fault: 'cancelled', words: expect.stringContaining('condor_rm') as string });
  });

  it('that has ended still says how when it is harvested, and its files are gone then', async () => {
    const id = await submitOne('exit 7');
    await world.until(id, 'a job to end', ({ state }) => state === 'ended');
    await world.backend.forget([id], world.call);
    const report = await world.until(id, 'the end of a job in the history', ({ state }) => state === 'ended');
    expect(report).toMatchObject({ exitCode: 7 });
    const clusters = readdirSync(join(world.directory, 'htcondor', 'pool', 'clusters'));
    expect(clusters).not.toContain(id.split('.')[0]);
  });

  it('whose image is on CVMFS is of the container universe', async () => {
    const id = await submitOne('true', { image: '/cvmfs/unpacked.example.org/registry/python:3.12' });
    expect(await attribute(id, 'ContainerImage', 'WantContainer')).toBe(
      '/cvmfs/unpacked.example.org/registry/python:3.12 true',
    );
    expect(await attribute(id, 'Environment')).toContain(
      'SLIPWAY_IMAGE_ENTERED=/cvmfs/unpacked.example.org/registry/python:3.12',
    );
    expect(await world.backend.ownLog(id, world.call)).toContain(`${id.split('.')[0]}.`);
    await world.backend.cancel([id], world.call);
  });

  it('whose image is not for all of its steps begins on the node itself', async () => {
    const steps = [{ name: 'sources', script: 'exit 3', where: 'node' as const, when: 'always' as const }];
    const id = await submitOne('exit 3', {
      image: '/cvmfs/unpacked.example.org/registry/python:3.12',
      steps: jobTemplate.shape.steps.parse(steps),
    });
    expect(await attribute(id, 'JobUniverse', 'ContainerImage', 'WantContainer')).toBe(
      '5 undefined undefined',
    );
    const report = await world.until(id, 'a job to end', ({ state }) => state === 'ended');
    expect(report).toMatchObject({ exitCode: 3 });
  });

  it('takes what it wants of nodes and the commands that are allowed with it', async () => {
    const id = await submitOne('true', {
      resources: { cpus: 3, memoryBytes: 100 * 2 ** 20, diskBytes: 2 ** 20, wallTimeSeconds: 60 },
      priority: 5,
      batch: { requirements: 'Machine == "nowhere"', '+DesiredSites': '"CERN"' },
    });
    expect(
      await attribute(id, 'RequestCpus', 'RequestMemory', 'RequestDisk', 'JobPrio', 'DesiredSites'),
    ).toBe('3 100 1024 5 CERN');
    const requirements = await world.condor.inside('condor_q', id, '-autoformat:r', 'Requirements');
    expect(requirements).toContain('Machine == "nowhere"');
    await world.backend.cancel([id], world.call);
  });

  it('has its events in the backend’s own log of it, and no other job’s', async () => {
    const submission = submissionOf(['echo first >&2', 'echo second >&2'], { transfer: 'http' });
    const [first, second] = await world.backend.submit(submission, world.call);
    await world.until(second?.batchId ?? '', 'a job to end', ({ state }) => state === 'ended');
    await world.until(first?.batchId ?? '', 'a job to end', ({ state }) => state === 'ended');
    const log = (await world.backend.ownLog(second?.batchId ?? '', world.call)) ?? '';
    expect(log).toMatch(/Job submitted from host/);
    expect(log).toMatch(/Job terminated/);
    expect(log).toContain('second');
    expect(log).not.toContain('first');
  });

  it('of a house is not seen by another, nor cancelled', async () => {
    const other = await htcondorWorld(world.condor, `${name}-other`);
    const id = await submitOne('sleep 600');
    expect((await other.backend.poll(new Set(), other.call)).map(({ batchId }) => batchId)).not.toContain(id);
    await other.backend.cancel([id], other.call);
    await world.until(id, 'a job to run', ({ state }) => state === 'running');
    await world.backend.cancel([id], world.call);
  });
});

(reason === undefined ? describe : describe.skip)(reason ?? 'a token at a real HTCondor', () => {
  let world: HtcondorWorld;
  let token = '';
  const identity: GridIdentity = { name: 'ada', type: 'htcondor-idtoken', secret: () => token };
  beforeAll(async () => {
    const condor = await sharedCondor();
    const { pool, schedd } = condor;
    token = await condor.inside('condor_token_create', '-identity', 'grid@grid-lab', '-lifetime', '600');
    world = await htcondorWorld(condor, `${name}-token`, { pool, schedd }, identity);
  }, gridDeadlineMs);

  it('lets jobs be submitted, followed and cancelled, and leaves no file behind', async () => {
    const { backend, call, directory } = world;
    const [job] = await backend.submit(submissionOf(['sleep 600']), call);
    const id = job?.batchId ?? '';
    await world.until(id, 'a job to run', ({ state }) => state === 'running');
    await backend.cancel([id], call);
    await world.until(id, 'a job to be gone', ({ state }) => state === 'gone');
    expect(
      readdirSync(join(directory, 'htcondor', 'pool')).filter((file) => file.startsWith('credential')),
    ).toEqual([]);
  });

  it('of somebody else does not let jobs be cancelled', async () => {
    const { backend, call } = world;
    const [job] = await backend.submit(submissionOf(['sleep 600']), call);
    const args = ['-identity', 'mallory@grid-lab', '-lifetime', '600'];
    const stranger = await world.condor.inside('condor_token_create', ...args);
    const asMallory = { ...call, identity: { ...identity, name: 'mallory', secret: () => stranger } };
    const unauthorized = { code: 'grid.unauthorized', temporary: false };
    await expect(backend.cancel([job?.batchId ?? ''], asMallory)).rejects.toMatchObject(unauthorized);
    await expect(backend.submit(submissionOf(['true']), asMallory)).rejects.toMatchObject(unauthorized);
    await backend.cancel([job?.batchId ?? ''], call);
  });

  it('that has expired, or is none, is refused for good without asking HTCondor', async () => {
    const args = ['-identity', 'grid@grid-lab', '-lifetime', '1'];
    const short = await world.condor.inside('condor_token_create', ...args);
    const refused = async (secret: string): Promise<boolean> => {
      const call = { ...world.call, identity: { ...identity, secret: () => secret } };
      const error: unknown = await world.backend
        .submit(submissionOf(['true']), call)
        .catch((cause: unknown) => cause);
      return (error as { code?: string }).code === 'grid.unauthorized' && !String(error).includes(secret);
    };
    await waitFor(() => refused(short), { what: 'a token of one second to be refused' });
    expect(await refused('hunter2-hunter2')).toBe(true);
  });
});

(reason === undefined ? describe : describe.skip)(reason ?? 'a schedd that went away', () => {
  it(
    'is a matter of time for every call, and its jobs are there when it is back',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'slipway-schedd-'));
      chmodSync(directory, 0o711);
      const condor = await startCondor({ directory: join(directory, 'condor') });
      try {
        const { backend, call, until } = await htcondorWorld(condor, 'house');
        const submission = submissionOf(['sleep 3; exit 3']);
        const [job] = await backend.submit(submission, call);
        await condor.inside('condor_off', '-daemon', 'schedd', '-fast');
        const away = { code: 'grid.unavailable', temporary: true };
        await waitFor(
          () =>
            backend.probe(call).then(
              () => false,
              () => true,
            ),
          { what: 'the schedd to be away' },
        );
        await expect(backend.poll(new Set(), call)).rejects.toMatchObject(away);
        await expect(backend.submit(submissionOf(['true']), call)).rejects.toMatchObject(away);
        await expect(backend.cancel([job?.batchId ?? ''], call)).rejects.toMatchObject(away);
        await expect(backend.find({ ...submission, id: randomUUID() }, call)).rejects.toMatchObject(away);
        await condor.inside('condor_on', '-daemon', 'schedd');
        await waitFor(() => backend.probe(call), { what: 'the schedd to be back' });
        expect(await backend.find(submission, call)).toEqual([job]);
        const over = await until(
          job?.batchId ?? '',
          'a job to be over',
          ({ state }) => state === 'ended' || state === 'gone',
        );
        expect(over.reason?.fault ?? over.exitCode).toBe(over.state === 'ended' ? 3 : 'evicted');
      } finally {
        await condor.kill();
        rmSync(directory, { recursive: true, force: true });
      }
    },
    gridDeadlineMs,
  );
});
