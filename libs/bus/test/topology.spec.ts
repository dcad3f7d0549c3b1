import { connectBus, policy, type Bus, type BusOptions } from '#bus';
import { isolatedVhost, waitFor, type IsolatedVhost } from '#lab';
import { brokerDefinitions } from '../src/definitions.js';
import { permissionsOf } from '../src/permissions.js';
import { browsed, house, ordered, orders, outsider, rememberingLogger, ship } from './house.js';

// Real: RabbitMQ and its management plugin.
const opened: (() => Promise<unknown>)[] = [];
afterAll(async () => void (await Promise.all(opened.map((close) => close()))));

function open(url: string, service: string, own: Partial<BusOptions> = {}): { bus: Bus; lines: string[] } {
  const logger = rememberingLogger();
  const bus = connectBus({ url, service, logger, house, ...own });
  opened.push(() => bus.close());
  return { bus, lines: logger.lines };
}

interface Object_ {
  readonly name: string;
  readonly type: string;
  readonly arguments: Record<string, unknown>;
}

async function objects({ api }: IsolatedVhost, kind: string): Promise<Map<string, Object_>> {
  const all = (await api('GET', `${kind}/%v`)) as Object_[];
  return new Map(all.map((object) => [object.name, object]));
}

describe('the topology', () => {
  it('is declared at the start, and once more does no harm', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'declared');
    await open(vhost.url, 'shop').bus.started();
    await open(vhost.url, 'warehouse').bus.started();
    const queues = await objects(vhost, 'queues');
    expect([...queues.keys()].sort()).toEqual([
      'slipway.retry.10m',
      'slipway.retry.10s',
      'slipway.retry.1h',
      'slipway.retry.1m',
      'slipway.unrouted',
      'warehouse.orders',
      'warehouse.orders.dead',
      'warehouse.orders.suspects',
    ]);
    for (const queue of queues.values()) expect(queue).toMatchObject({ type: 'quorum', durable: true });
    expect(queues.get('warehouse.orders')?.arguments).toMatchObject({
      'x-delivery-limit': 10,
      'x-dead-letter-exchange': 'slipway.dead',
      'x-dead-letter-routing-key': 'warehouse.orders',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    });
    const exchanges = await objects(vhost, 'exchanges');
    expect(exchanges.get('slipway.events')?.arguments).toEqual({ 'alternate-exchange': 'slipway.unrouted' });
    expect(exchanges.get('slipway.commands')?.arguments).toEqual({});
  });

  it.each([
    [
      'a queue',
      'queues/%v/warehouse.orders.dead',
      {
        durable: true,
        arguments: {
          'x-queue-type': 'quorum',
          'x-overflow': 'drop-head',
          'x-max-length-bytes': house.queueBytes,
        },
      },
      /queue "warehouse\.orders\.dead" in vhost "[^"]+" differs.*x-overflow is drop-head, wanted is reject-publish.*delete it/,
    ],
    [
      'an exchange',
      'exchanges/%v/slipway.events',
      { type: 'direct', durable: true },
      /exchange "slipway\.events" in vhost "[^"]+" differs.*type is direct, wanted is topic/,
    ],
  ])(
    'that differs in %s is told with the name, the argument and what to do',
    async (what, path, body, words) => {
      const vhost = await isolatedVhost(import.meta.url, `differs ${what}`);
      await vhost.api('PUT', path, body);
      const { bus } = open(vhost.url, 'shop');
      const error: unknown = await bus.started().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'bus.topology_differs', temporary: false });
      expect((error as Error).message.replaceAll("'", '')).toMatch(words);
      expect(bus.state().ready).toBe(false);
    },
  );
});

async function user(vhost: IsolatedVhost, name: string, permissions: object): Promise<string> {
  await vhost.api('PUT', `users/${name}`, { password: 'a password', tags: '' });
  await vhost.api('PUT', `permissions/%v/${name}`, permissions);
  const url = new URL(vhost.url);
  url.username = name;
  url.password = encodeURIComponent('a password');
  return url.href;
}

describe('a user with the permissions of its service alone', () => {
  it('says and hears what is its own on a broker that was set up before, and nothing else', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'permitted');
    await vhost.api('POST', 'definitions/%v', brokerDefinitions(house, vhost.vhost));
    // Who may declare finds nothing that differs.
    await open(vhost.url, 'admin').bus.started();
    const shop = open(await user(vhost, 'shop', permissionsOf('shop', house)), 'shop');
    const warehouse = open(await user(vhost, 'warehouse', permissionsOf('warehouse', house)), 'warehouse');
    const seen: string[] = [];
    const usual = policy({ attempts: 2, delays: ['10s'] });
    const handle = (_payload: unknown, { id, attempt }: { id: string; attempt: number }): Promise<void> => {
      seen.push(`${id} ${attempt}`);
      return Promise.reject(new Error('never'));
    };
    warehouse.bus.consume(orders, [
      { message: ordered, policy: usual, handle },
      { message: ship, policy: usual, handle },
    ]);
    await waitFor(() => warehouse.bus.state().ready, { what: 'the consumer' });
    await shop.bus.publish(ordered, { number: 1 }, { id: 'event' });
    await shop.bus.publish(ship, { number: 1 }, { id: 'command' });
    await waitFor(() => seen.length === 4, { what: 'both, twice' });
    expect(seen.sort()).toEqual(['command 1', 'command 2', 'event 1', 'event 2']);
    await expect(warehouse.bus.publish(browsed, { number: 1 })).rejects.toMatchObject({
      code: 'bus.unavailable',
      message: expect.stringContaining('ACCESS_REFUSED') as string,
    });
    const other = await outsider(await user(vhost, 'shop', permissionsOf('shop', house)));
    opened.push(() => other.close());
    const channel = await other.createChannel();
    channel.on('error', () => {});
    await expect(channel.get(orders.name)).rejects.toThrow(/ACCESS_REFUSED/);
  });

  it('is told what is missing where nobody has set up the broker', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'missing');
    const { bus } = open(await user(vhost, 'shop', permissionsOf('shop', house)), 'shop');
    await expect(bus.started()).rejects.toMatchObject({ code: 'bus.topology_missing', temporary: false });
    // It goes on trying: once somebody has set it up, it is ready.
    await open(vhost.url, 'admin').bus.started();
    await waitFor(() => bus.state().ready, { what: 'the bus', deadlineMs: 20_000 });
  });
});

describe('a wrong password', () => {
  it('leaves the process alive and not ready, and stays out of log and state', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'password');
    const url = new URL(vhost.url);
    url.password = 'mistaken-secret';
    const { bus, lines } = open(url.href, 'shop', { limits: { sendMs: 200 } });
    await bus.started();
    expect(bus.state()).toMatchObject({ ready: false, status: 'connecting' });
    expect(bus.state().reason).toMatch(/ cannot be used: it refuses the user "\w+" with this password$/);
    await expect(bus.publish(ordered, { number: 1 })).rejects.toMatchObject({ code: 'bus.unavailable' });
    expect(JSON.stringify(lines)).toContain('no connection to the broker; trying again');
    expect(JSON.stringify([lines, bus.state()])).not.toContain('mistaken-secret');
  });
});
