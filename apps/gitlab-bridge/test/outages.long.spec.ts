import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresServer, type RabbitmqServer, startPostgres, startRabbitmq } from '#embedded';
import { BridgeWorld } from './bridge-world.js';

const outageMs = 10_000;
const lines = 60;

// Real: a RabbitMQ and a PostgreSQL of the test's own, bridge, submitter and monitor as processes, this machine as batch
// system. A GitLab of the tests.
describe('a CI job, when broker and database are stopped for 10 s in its middle', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bridge-outages-'));
  // PostgreSQL never runs as root, and must be able to enter.
  const data = mkdtempSync(join(tmpdir(), 'slipway-bridge-outages-database-'));
  let broker: RabbitmqServer;
  let postgres: PostgresServer;
  let world: BridgeWorld;

  beforeAll(async () => {
    [broker, postgres] = await Promise.all([
      startRabbitmq({ directory }),
      startPostgres({ directory: data }),
    ]);
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      env: { SLIPWAY_TRACE_MS: '500' },
      amqpUrl: broker.url,
      postgres: { url: postgres.url },
    });
    await world.start();
  }, 300_000);
  afterAll(async () => {
    await world.close();
    await Promise.all([broker.stop(), postgres.stop()]);
    for (const each of [directory, data]) rmSync(each, { recursive: true, force: true });
  }, 60_000);

  it('ends as if nothing had been, its trace whole', async () => {
    const job = await world.queue(
      `job:\n  script:\n    - for n in $(seq 1 ${lines}); do echo "line $n"; sleep 0.3; done\n    - exit 7\n`,
    );
    await world.says(job, 'line 3\n');
    await Promise.all([broker.stop(), postgres.stop()]);
    await pause(outageMs);
    await Promise.all([broker.restart(), postgres.restart()]);
    await world.over(job, 180_000);
    expect(job).toMatchObject({ state: 'failed', exitCode: 7 });
    expect(job.trace.toString().match(/^line \d+$/gm)).toEqual(
      Array.from({ length: lines }, (_, n) => `line ${n + 1}`),
    );
    expect(world.gitlab.complaints).toEqual([]);
  }, 300_000);
});
