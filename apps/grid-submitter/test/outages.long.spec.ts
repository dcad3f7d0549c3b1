import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresServer, type RabbitmqServer, startPostgres, startRabbitmq } from '#embedded';
import { waitFor } from '#lab';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { type SimulatedGrid, startSimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { project, simulated, SubmitterWorld } from './submitter-world.js';

const outageMs = 20_000;
const jobs = 40;

// Real: a RabbitMQ and a PostgreSQL of the test's own, and the submitter as a process. Simulated: the batch system.
describe('the submitter, when broker and database are stopped for 20 s while it submits', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-outages-'));
  // PostgreSQL never runs as root, and must be able to enter.
  const data = mkdtempSync(join(tmpdir(), 'slipway-outages-database-'));
  let broker: RabbitmqServer;
  let postgres: PostgresServer;
  let grid: SimulatedGrid;
  let world: SubmitterWorld;
  let observer: Recorder;

  beforeAll(async () => {
    [broker, postgres, grid] = await Promise.all([
      startRabbitmq({ directory }),
      startPostgres({ directory: data }),
      startSimulatedGrid(),
    ]);
    world = await SubmitterWorld.create({
      testPath: import.meta.url,
      file: {
        projects: [project('higgs', { jobs: 5_000 })],
        backends: [simulated(grid, {}, { settlesWithinMs: 500 })],
      },
      env: { SLIPWAY_PLUGINS: grid.plugin },
      amqpUrl: broker.url,
      postgres: { url: postgres.url, schema: 'grid_submitter' },
    });
    await world.start();
    await (await recordEvents(broker.url, 'observer')).close();
  }, 120_000);
  afterAll(async () => {
    await observer?.close().catch(() => undefined);
    await world.close();
    await Promise.all([broker.stop(), postgres.stop(), grid.stop()]);
    for (const each of [directory, data]) rmSync(each, { recursive: true, force: true });
  }, 60_000);

  it('submits each job once, and says so once', async () => {
    // Submissions are taken in at once and answered late: some are under way whenever a server goes away.
    await grid.behave({ delayAfterMs: 400 });
    const groups: string[] = [];
    const hand = async (): Promise<void> => {
      const groupId = randomUUID();
      const taken = (): Promise<string> =>
        world.submit({ project: 'higgs', script: 'true', over: ['a', 'b'] }, { groupId });
      await waitFor(taken, { what: 'the broker to take a group', intervalMs: 500 });
      groups.push(groupId);
    };
    for (let n = 0; n < jobs / 4; n++) await hand();
    await waitFor(async () => (await grid.counts()).submissions > 0, { what: 'a first submission' });
    await Promise.all([broker.stop(), postgres.stop()]);
    await pause(outageMs);
    await Promise.all([broker.restart(), postgres.restart()]);
    for (let n = 0; n < jobs / 4; n++) await hand();
    observer = await recordEvents(broker.url, 'observer');
    const said = (): readonly string[] =>
      [...new Map(observer.named('job.submitted').map(({ id, data: said }) => [id, said])).values()]
        .filter((one) => groups.includes(String(one['groupId'])))
        .map((one) => String(one['attemptId']));
    await waitFor(() => new Set(said()).size === jobs, {
      what: 'every job to be submitted',
      deadlineMs: 90_000,
    });
    const taken = (await grid.jobs()).map(({ attemptId }) => attemptId);
    expect(new Set(taken).size).toBe(jobs);
    expect(taken).toHaveLength(jobs);
    expect(said()).toHaveLength(jobs);
  }, 240_000);
});
