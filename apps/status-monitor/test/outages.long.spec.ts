import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresServer, type RabbitmqServer, startPostgres, startRabbitmq } from '#embedded';
import { type SpawnedService, waitFor } from '#lab';
import { recordEvents } from '../../../test/scenarios/recorder.js';
import { attemptOf, MonitorWorld } from './monitor-world.js';

const outageMs = 20_000;
const jobs = 40;
const indexes = Array.from({ length: jobs }, (_, index) => index);

// Real: RabbitMQ and PostgreSQL of this file's own, monitors as processes. The batch system is a simulated one.
describe('monitors, when what they need goes away', () => {
  let directory: string;
  let broker: RabbitmqServer;
  let postgres: PostgresServer;
  let world: MonitorWorld;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-monitor-faults-'));
    // PostgreSQL runs as a user of its own where this runs as root.
    chmodSync(directory, 0o755);
    [broker, postgres] = await Promise.all([
      startRabbitmq({ directory: join(directory, 'rabbitmq') }),
      startPostgres({ directory: join(directory, 'postgres') }),
    ]);
    world = await MonitorWorld.create({
      testPath: import.meta.url,
      amqpUrl: broker.url,
      postgres: { url: postgres.url, schema: 'monitor' },
    });
    await (await recordEvents(broker.url, 'observer')).close();
    await Promise.all([world.start(), world.start()]);
  }, 180_000);
  afterAll(async () => {
    await world.close();
    await Promise.all([broker.stop(), postgres.stop()]);
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  const leads = (service: SpawnedService): boolean =>
    service.logs().some((line) => line.includes('leading') && line.includes('polling pool'));
  const leader = (): Promise<SpawnedService> =>
    waitFor(() => world.services.find(leads), { what: 'a copy that polls' });

  const stateOf = async (groupId: string): Promise<Record<string, number>> => {
    const rows: { state: string; jobs: number }[] = await world.dataSource.query(
      'select state, count(*)::int as jobs from attempt where group_id = $1 group by state',
      [groupId],
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.jobs]));
  };
  const until = (groupId: string, state: string, count = jobs): Promise<unknown> =>
    waitFor(async () => (await stateOf(groupId))[state] === count, {
      what: `${count} jobs to be ${state}`,
      deadlineMs: 60_000,
    });

  const succeed = (groupId: string): Promise<unknown> =>
    Promise.all(
      indexes.map((index) =>
        world.ledger.report(attemptOf(groupId, index).attemptId, {
          from: 'worker',
          state: 'succeeded',
          at: new Date(),
        }),
      ),
    );

  /** What was said of a group, each message once however often it was delivered. */
  const observed = async (groupId: string): Promise<Record<string, number>> => {
    const observer = await recordEvents(broker.url, 'observer');
    try {
      await waitFor(() => observer.named('group.finished').some(({ data }) => data['groupId'] === groupId), {
        what: 'the end of the group',
        deadlineMs: 60_000,
      });
      const ofGroup = observer.events.filter(({ data }) => data['groupId'] === groupId);
      const once = [...new Map(ofGroup.map((event) => [event.id, event])).values()];
      const counts: Record<string, number> = {};
      for (const { name } of once) counts[name] = (counts[name] ?? 0) + 1;
      return counts;
    } finally {
      await observer.close();
    }
  };

  it('loses and doubles nothing when the one that polls is killed', async () => {
    const groupId = await world.queue(jobs);
    const ids = await world.submit(groupId, indexes);
    await until(groupId, 'waiting');
    await world.grid.change(ids, { state: 'running', node: 'wn1' });
    const victim = await leader();
    await victim.kill('SIGKILL');
    const heir = await waitFor(() => world.services.find((one) => one !== victim && leads(one)), {
      what: 'another copy to take over',
    });
    await until(groupId, 'running');
    await succeed(groupId);
    const said = await observed(groupId);
    expect(said).toMatchObject({ 'job.waiting': jobs, 'job.running': jobs, 'job.succeeded': jobs });
    expect(said).toMatchObject({ 'group.finished': 1 });
    expect(heir.pid).not.toBe(victim.pid);
    await world.start();
  }, 180_000);

  it('takes a batch system that does not answer for one that says nothing', async () => {
    const groupId = await world.queue(jobs);
    const ids = await world.submit(groupId, indexes);
    await until(groupId, 'waiting');
    await world.grid.behave({ down: true });
    await waitFor(() => world.services.some((one) => one.logs().filter(isUnanswered).length > 4), {
      what: 'polls that are not answered',
    });
    expect(await stateOf(groupId)).toEqual({ waiting: jobs });
    await world.grid.behave({ down: false });
    await world.grid.change(ids, { state: 'running', node: 'wn1' });
    await until(groupId, 'running');
    await succeed(groupId);
    expect(await observed(groupId)).toMatchObject({ 'job.running': jobs, 'group.finished': 1 });
  }, 180_000);

  it('says everything once when the broker, and then the database, are away for 20 s', async () => {
    const groupId = await world.queue(jobs);
    const ids = await world.submit(groupId, indexes);
    await until(groupId, 'waiting');
    await broker.stop();
    await world.grid.change(ids, { state: 'running', node: 'wn1' });
    await pause(outageMs);
    await until(groupId, 'running');
    await postgres.stop();
    await broker.restart();
    await pause(outageMs);
    await postgres.restart();
    await waitFor(() => succeed(groupId).then(() => true), { what: 'the database', deadlineMs: 60_000 });
    const said = await observed(groupId);
    expect(said).toMatchObject({ 'job.waiting': jobs, 'job.running': jobs, 'job.succeeded': jobs });
    expect(said).toMatchObject({ 'group.finished': 1 });
  }, 240_000);
});

const isUnanswered = (line: string): boolean => line.includes('grid.unavailable');
