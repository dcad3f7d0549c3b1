import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Delivery } from '#api';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imagePushed } from '#contracts';
import { type SpawnedService, waitFor } from '#lab';
import { Client } from 'pg';
import { askingWith } from './asking.js';
import { type Receiver, startReceiver } from './receiver.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

// Real: RabbitMQ, PostgreSQL, the registry, and a receiver that speaks HTTP.
describe('a registry that is killed between the answer of a receiver and writing it down', () => {
  let world: RegistryWorld;
  let registry: SpawnedService;
  let receiver: Receiver;
  let bus: Bus;
  /** Holds the row of the delivery, so that nobody can write into it. */
  let holder: Client;
  let first: ServerResponse | undefined;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    registry = await start();
    receiver = await startReceiver({
      '/kept': (response, count) => {
        if (count === 1) first = response;
        else response.writeHead(204).end();
      },
    });
    bus = connectBus({ url: world.amqpUrl, service: 'webhook-relay', logger: silentLogger });
    await bus.started();
    holder = new Client({ connectionString: world.postgresUrl, options: `-c search_path=${world.schema}` });
    await holder.connect();
  }, 60_000);
  afterAll(async () => {
    receiver.close();
    await Promise.allSettled([bus.close(), holder.end(), registry.kill('SIGKILL')]);
  });

  const start = (): Promise<SpawnedService> =>
    world.start({ SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.1/32', SLIPWAY_SUBSCRIPTION_TIMEOUT: '5s' });
  /** The connections that wait for the row. */
  const waiting = async (): Promise<readonly number[]> => {
    const { rows } = await holder.query<{ pid: number }>(
      'select pid from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))',
    );
    return rows.map(({ pid }) => pid);
  };

  it('sends it again, with the same id and the same words: twice at worst, never not at all', async () => {
    const key = await world.adminKey(registry);
    const ask = askingWith(registry.url, key);
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const url = `http://127.0.0.1:${receiver.port}/kept`;
    await ask('POST', '/api/v1/credentials', { name: 'signing', type: 'webhook-secret', secret });
    const spec = { name: 'kept', events: ['image.pushed'], url, credential: 'signing' };
    expect((await ask('POST', '/api/v1/subscriptions', spec)).status).toBe(201);
    const id = randomUUID();
    const image = { registry: 'r.example.org', repository: 'a', tag: '1', source: 'harbor', verified: true };
    await bus.publish(imagePushed, image, { id });
    const answer = await waitFor(() => first, { what: 'the first attempt' });

    await holder.query('begin');
    await holder.query('select 1 from subscription_delivery where event_id = $1 for update', [id]);
    answer.writeHead(204).end();
    const [writer] = await waitFor(async () => [await waiting()].find((pids) => pids.length > 0), {
      what: 'the registry to write down the answer',
    });
    await registry.kill('SIGKILL');
    // What the database has been told already it would do, whether or not anybody is there to hear of it.
    await holder.query('select pg_terminate_backend($1)', [writer]);
    await waitFor(async () => (await waiting()).length === 0, { what: 'the end of its connection' });
    await holder.query('rollback');
    const { rows } = await holder.query('select state, attempts from subscription_delivery');
    expect(rows).toEqual([{ state: 'waiting', attempts: 1 }]);

    registry = await start();
    const askAnew = askingWith(registry.url, key);
    const delivered = await waitFor(
      async () => {
        const { body } = await askAnew('GET', '/api/v1/subscriptions/kept/deliveries?state=delivered');
        return (body as { items: readonly Delivery[] }).items[0];
      },
      { what: 'the delivery', deadlineMs: 60_000 },
    );
    expect(delivered).toMatchObject({ attempts: 2, event: { id } });
    expect(receiver.at('/kept').map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    const [one, other] = receiver.at('/kept');
    expect(one?.text).toBe(other?.text);
  });
});
