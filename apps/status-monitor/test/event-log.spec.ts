import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { backendResource, jobTemplate } from '#contracts';
import { backendKinds, composeJob, type GridBackend, openBackend } from '#grid';
import {
  type Condor,
  derivedName,
  gridDeadlineMs,
  sharedCondor,
  type SpawnedService,
  waitFor,
  whyNoGrid,
} from '#lab';
import { attemptOf, MonitorWorld } from './monitor-world.js';

const reason = whyNoGrid();
const run = promisify(execFile);
const house = derivedName(import.meta.url, '-')
  .slice(-30)
  .replace(/^-+/, '');

// Real: the run's HTCondor with its event log, RabbitMQ, PostgreSQL, monitors as processes. They poll once in an hour, so
// that what they know of jobs they know from the event log.
(reason === undefined ? describe : describe.skip)(reason ?? 'the event log of HTCondor', () => {
  let condor: Condor;
  let world: MonitorWorld;
  let backend: GridBackend;
  const call = { signal: AbortSignal.timeout(600_000) };

  beforeAll(async () => {
    condor = await sharedCondor();
    const directory = condor.workDirectory(house);
    const settings = { kind: 'htcondor', tools: condor.bin, transfer: 'backend', eventLog: condor.eventLog };
    world = await MonitorWorld.create({
      testPath: import.meta.url,
      backend: { plugin: undefined, options: undefined, ...settings },
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        SLIPWAY_POLL_SECONDS: '3600',
        SLIPWAY_HOUSE: house,
        SLIPWAY_STATE_DIRECTORY: directory,
      },
    });
    backend = await openBackend(backendKinds, {
      settings: backendResource.schema.parse({ name: 'pool', ...settings }),
      house,
      directory,
      logger: { info: () => {}, warn: () => {} },
    });
    await world.start();
    await reading();
  }, gridDeadlineMs);
  afterAll(async () => {
    await world.close();
  });

  /** Once a position is kept, events from then on are read. */
  const position = async (): Promise<string | undefined> =>
    (await world.dataSource.query<{ position: string }[]>('select position from event_position'))[0]
      ?.position;
  const reading = (): Promise<unknown> => waitFor(position, { what: 'the event log to be read' });

  /** Hands a job of one attempt to HTCondor, and says so. */
  const submit = async (script: string): Promise<{ readonly groupId: string; readonly batchId: string }> => {
    const template = jobTemplate.parse({
      steps: [{ name: 'script', script }],
      resources: { memoryBytes: 64 * 2 ** 20, diskBytes: 64 * 2 ** 20 },
      retries: { most: 0 },
    });
    const groupId = await world.queue(1, { template });
    const attempt = attemptOf(groupId, 0);
    const group = { groupId, name: 'events', project: 'higgs', backend: 'pool', template };
    const item = { key: 'one', variables: {} };
    const { wrapper, groupSettings, attemptSettings } = composeJob(group, { ...attempt, item }, {});
    const attempts = [{ id: attempt.attemptId, settings: attemptSettings }];
    const [job] = await backend.submit(
      { ...group, id: randomUUID(), wrapper, groupSettings, attempts, transfer: 'backend' },
      call,
    );
    const batchId = job?.batchId ?? '';
    await world.saySubmitted(groupId, 0, 1, batchId);
    return { groupId, batchId };
  };
  const inHtcondor = (tool: string, ...args: readonly string[]): Promise<unknown> =>
    run(join(condor.bin, tool), args, { cwd: condor.workDirectory(house) });

  it('brings states, what a job left, and its end, without a poll', async () => {
    const { groupId, batchId } = await submit('echo from the log; sleep 2');
    expect(await world.heard('job.running', groupId)).toMatchObject({ batchId, node: expect.any(String) });
    expect(await world.heard('job.succeeded', groupId)).toMatchObject({ exitCode: 0 });
  }, 120_000);

  it('has a job that is held ended, and tells that it was removed', async () => {
    const { groupId, batchId } = await submit('sleep 600');
    await world.heard('job.running', groupId);
    await inHtcondor('condor_hold', batchId);
    const { data } = await world.command('job.cancel', groupId);
    expect(data).toMatchObject({ reason: { fault: 'held', words: expect.stringContaining('condor_hold') } });
    await inHtcondor('condor_rm', batchId);
    const { attemptId } = attemptOf(groupId, 0);
    const end = async () => (await world.ledger.attempt(attemptId))?.batchEnd;
    expect(await waitFor(end, { what: 'the end in the ledger' })).toMatchObject({
      reason: { fault: 'cancelled', words: expect.stringContaining('condor_rm') },
    });
  }, 120_000);

  it('is read on by another copy when the one that reads is killed', async () => {
    await world.start();
    const reads = (service: SpawnedService): boolean =>
      service.logs().some((line) => line.includes('leading') && line.includes('reading events of pool'));
    const victim = await waitFor(() => world.services.find(reads), { what: 'a copy that reads' });
    await victim.kill('SIGKILL');
    await waitFor(() => world.services.find((one) => one !== victim && reads(one)), { what: 'its heir' });
    const { groupId } = await submit('true');
    await world.heard('job.succeeded', groupId);
  }, 120_000);
});
