import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectBus, policy, silentLogger, type Bus, type BusLimits } from '#bus';
import { startRabbitmq, type RabbitmqServer } from '#embedded';
import { AppError } from '#errors';
import { waitFor } from '#lab';
import { depth, house, ordered, orders, outsider, ship } from './house.js';

// Real: a RabbitMQ of its own, which is stopped, killed, frozen and starved.
let broker: RabbitmqServer;
let directory: string;
const opened: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-bus-faults-'));
  broker = await startRabbitmq({ directory });
}, 120_000);
afterEach(async () => void (await Promise.all(opened.splice(0).map((close) => close()))));
afterAll(async () => {
  await broker.kill();
  rmSync(directory, { recursive: true, force: true });
});

async function open(service: string, limits: Partial<BusLimits> = {}): Promise<Bus> {
  const bus = connectBus({ url: broker.url, service, logger: silentLogger, house, limits });
  opened.push(() => bus.close());
  await bus.started();
  return bus;
}

interface Load {
  /** Ids that were confirmed so far. */
  readonly confirmed: ReadonlySet<string>;
  readonly refusals: AppError[];
  stop(): Promise<void>;
}

/** Publishers that say each message again, with its id, until it is confirmed. */
function load(bus: Bus): Load {
  const confirmed = new Set<string>();
  const refusals: AppError[] = [];
  const over = new AbortController();
  opened.push(() => Promise.resolve(over.abort()));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const id = `m${next++}`;
      while (!confirmed.has(id)) {
        await bus.publish(ordered, { number: 1 }, { id }).then(
          () => confirmed.add(id),
          (error: AppError) => refusals.push(error),
        );
        await pause(10);
      }
    }
  };
  const lanes = Promise.all(Array.from({ length: 20 }, lane));
  return { confirmed, refusals, stop: async () => (over.abort(), void (await lanes)) };
}

/** Every id in the queue, each once. */
async function everythingIn(queue: string, atLeast: number): Promise<Set<string>> {
  const other = await outsider(broker.url);
  const channel = await other.createChannel();
  const seen = new Set<string>();
  const add = (message: { properties: { messageId: unknown } } | null): void =>
    void (message && seen.add(String(message.properties.messageId)));
  await channel.consume(queue, add, { noAck: true });
  await waitFor(() => seen.size >= atLeast, { what: `${atLeast} messages` });
  await other.close();
  return seen;
}

describe('a broker under load', () => {
  it('that is restarted goes on to publisher and consumer by itself, and nothing confirmed is missing', async () => {
    const [shop, warehouse] = await Promise.all([open('shop'), open('warehouse')]);
    const handled = new Set<string>();
    const usual = policy();
    const handle = (_payload: unknown, { id }: { id: string }): Promise<unknown> =>
      Promise.resolve(handled.add(id));
    warehouse.consume(orders, [
      { message: ordered, policy: usual, handle },
      { message: ship, policy: usual, handle },
    ]);
    const publishers = load(shop);
    await waitFor(() => handled.size > 200, { what: 'some load' });
    await broker.restart();
    await publishers.stop();
    await waitFor(() => [...publishers.confirmed].every((id) => handled.has(id)), {
      what: 'every confirmed message',
      deadlineMs: 30_000,
    });
  }, 120_000);

  // Second: a queue made less than a second before a kill may not have reached RabbitMQ's own registry of queues.
  it('that is killed has every confirmed message, and publishing goes on by itself', async () => {
    const publishers = load(await open('shop'));
    const { confirmed, refusals } = publishers;
    await waitFor(() => confirmed.size > 500, { what: 'some load' });
    await broker.kill();
    await broker.restart();
    const then = confirmed.size;
    await waitFor(() => confirmed.size > then + 100, { what: 'the load to go on', deadlineMs: 30_000 });
    await publishers.stop();
    const seen = await everythingIn(orders.name, confirmed.size);
    expect([...confirmed].filter((id) => !seen.has(id))).toEqual([]);
    for (const error of refusals) expect(error).toMatchObject({ code: 'bus.unavailable', temporary: true });
  }, 120_000);
});

async function rabbitmqctl(...args: string[]): Promise<void> {
  // Its name server's port is known to the broker's own environment alone.
  const entries = readFileSync(`/proc/${broker.pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const env = Object.fromEntries(entries.map((entry) => [entry.split('=')[0], entry.replace(/^[^=]*=/, '')]));
  const { RABBITMQ_DIST_PORT: _port, ...rest } = env;
  await promisify(execFile)(findRabbitmqctl(), args, { env: rest as NodeJS.ProcessEnv });
}

/** Not the one in /usr/sbin: Debian's would change to the user rabbitmq. */
function findRabbitmqctl(): string {
  const versions = existsSync('/usr/lib/rabbitmq/lib') ? readdirSync('/usr/lib/rabbitmq/lib') : [];
  const homes = [...versions.map((version) => `/usr/lib/rabbitmq/lib/${version}`), '/opt/rabbitmq'];
  const program = homes.map((home) => join(home, 'sbin/rabbitmqctl')).find((path) => existsSync(path));
  if (program === undefined) throw new Error('rabbitmqctl is missing: apt-get install rabbitmq-server');
  return program;
}

describe('a memory alarm', () => {
  it('lets publishes wait, then refuses them without a false confirm; consuming goes on; it ends by itself', async () => {
    const bus = await open('shop', { sendMs: 500, confirmMs: 1_000 });
    const warehouse = await open('warehouse');
    const handled: string[] = [];
    await bus.publish(ordered, { number: 1 }, { id: 'before' });
    await rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    // The broker tells a publisher only when it publishes.
    const first = await bus.publish(ordered, { number: 2 }, { id: 'first' }).catch((e: unknown) => e);
    expect(first).toMatchObject({
      code: 'bus.unavailable',
      message: expect.stringContaining('unknown') as string,
    });
    await waitFor(() => bus.state().status === 'blocked', { what: 'the alarm' });
    expect(bus.state()).toMatchObject({ ready: false, reason: expect.stringContaining('memory') as string });
    const second = await bus.publish(ordered, { number: 3 }, { id: 'second' }).catch((e: unknown) => e);
    expect(second).toMatchObject({
      code: 'bus.unavailable',
      message: expect.stringContaining('not sent') as string,
    });

    const handle = (_payload: unknown, { id }: { id: string }): Promise<unknown> =>
      Promise.resolve(handled.push(id));
    const usual = policy();
    warehouse.consume(orders, [
      { message: ordered, policy: usual, handle },
      { message: ship, policy: usual, handle },
    ]);
    await waitFor(() => handled.includes('before'), { what: 'consuming during the alarm' });

    await rabbitmqctl('set_vm_memory_high_watermark', '0.6');
    await waitFor(() => bus.state().ready, { what: 'the end of the alarm' });
    await bus.publish(ordered, { number: 4 }, { id: 'after' });
    await waitFor(() => handled.includes('after'), { what: 'the next message' });
    expect(handled).not.toContain('second');
  }, 120_000);
});

describe('a frozen broker', () => {
  it('is noticed by heartbeats; nothing is confirmed falsely, and the bus comes back', async () => {
    const bus = await open('shop', { heartbeatSeconds: 1, sendMs: 500, confirmMs: 1_000 });
    await bus.publish(ordered, { number: 1 }, { id: 'before' });
    await broker.pause();
    try {
      const refused = await bus.publish(ordered, { number: 2 }, { id: 'frozen' }).catch((e: unknown) => e);
      expect(refused).toMatchObject({ code: 'bus.unavailable', temporary: true });
      await waitFor(() => bus.state().status === 'down', { what: 'the missing heartbeats' });
    } finally {
      broker.resume();
    }
    await waitFor(() => bus.state().ready, { what: 'the bus', deadlineMs: 30_000 });
    await bus.publish(ordered, { number: 3 }, { id: 'after' });
    const other = await outsider(broker.url);
    expect(await depth(other, orders.name)).toBeGreaterThanOrEqual(2);
    await other.close();
  }, 120_000);
});
