import { type Bus, connectBus, silentLogger } from '#bus';
import { imageDeleted, imagePushed } from '#contracts';
import { waitFor, type SpawnedService } from '#lab';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { type Asking, askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const image = {
  registry: 'r.example.org',
  repository: 'team/app',
  tag: 'v1',
  source: 'test',
  verified: true,
};
const secret = `whsec_${Buffer.from('as unguessable as tests need').toString('base64')}`;

describe('subscriptions', () => {
  let world: RegistryWorld;
  let registry: SpawnedService;
  let ask: Asking;
  let bus: Bus;
  let receiver: Server;
  let url: string;
  let database: Client;
  const received: Received[] = [];
  const answers = new Map<string, (response: ServerResponse) => void>();
  const settings = {
    SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.0/8',
    SLIPWAY_SUBSCRIPTION_RETRY_SECONDS: '0,0,0',
    SLIPWAY_SUBSCRIPTION_SECONDS: '2',
  };

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
        const answer = answers.get(path) ?? ((plain: ServerResponse) => plain.writeHead(204).end());
        answer(response);
      });
    });
    await new Promise<void>((done) => {
      receiver.listen(0, '127.0.0.1', done);
    });
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    world = await registryWorld(import.meta.url);
    registry = await world.start(settings);
    ask = askingWith(registry.url, await world.adminKey(registry));
    bus = connectBus({ url: world.amqpUrl, service: 'webhook-relay', logger: silentLogger });
    await bus.started();
    database = new Client({ connectionString: world.postgresUrl, options: `-c search_path=${world.schema}` });
    await database.connect();
    const credential = { name: 'signing', type: 'webhook-secret', secret };
    expect((await ask('POST', '/api/v1/credentials', credential)).status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await registry.kill('SIGKILL');
    receiver.closeAllConnections();
    receiver.close();
    await Promise.allSettled([bus.close(), database.end()]);
  });

  const subscribe = async (name: string, to: string, events = ['image.deleted']): Promise<void> => {
    const spec = { name, url: to, events, credential: 'signing' };
    const answer = await ask('POST', '/api/v1/subscriptions', spec);
    expect([answer.status, answer.text]).toMatchObject([201, expect.anything()]);
  };
  const say = async (): Promise<string> => {
    const id = randomUUID();
    await bus.publish(imageDeleted, image, { id });
    return id;
  };
  const at = (path: string, id?: string): readonly Received[] =>
    received.filter((one) => one.path === path && (id === undefined || one.headers['webhook-id'] === id));
  const states = async (subscription: string): Promise<readonly unknown[]> =>
    (
      await database.query(
        'select state, attempt, last_error from delivery where subscription = $1 order by created_at',
        [subscription],
      )
    ).rows;

  it('are sent the events that they want, signed', async () => {
    await subscribe('good', `${url}/good`);
    await bus.publish(imagePushed, image);
    const id = await say();
    const [one] = await waitFor(() => [at('/good', id)].find((all) => all.length > 0), {
      what: 'the delivery',
    });
    if (!one) throw new Error('nothing came');
    const { headers, body } = one;
    const key = Buffer.from('as unguessable as tests need');
    const signed = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
    expect(JSON.parse(body)).toMatchObject({ id, type: 'org.slipway.image.deleted.v1', data: image });
    expect(at('/good')).toHaveLength(1);
  });

  it('are not held up by one that never answers', async () => {
    answers.set('/slow', () => undefined);
    await subscribe('slow', `${url}/slow`);
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push(await say());
    for (const id of ids)
      await waitFor(() => at('/good', id).length === 1, { what: 'the good one’s delivery' });
    await waitFor(async () => (await states('slow')).some((row) => JSON.stringify(row).includes('failed')), {
      what: 'the end of the attempts',
      deadlineMs: 60_000,
    });
  });

  it('are tried again until they take it, always with the same id', async () => {
    let refusals = 2;
    answers.set('/again', (response) => response.writeHead(refusals-- > 0 ? 500 : 200).end());
    await subscribe('again', `${url}/again`);
    const id = await say();
    await waitFor(async () => (await states('again')).length === 1 && at('/again', id).length === 3, {
      what: 'the third attempt',
    });
    await waitFor(async () => JSON.stringify(await states('again')).includes('delivered'), {
      what: 'its end',
    });
  });

  it('are not followed to where they point, and are given up when their attempts are used up', async () => {
    answers.set('/elsewhere', (response) => response.writeHead(302, { location: `${url}/stolen` }).end());
    await subscribe('elsewhere', `${url}/elsewhere`);
    await say();
    await waitFor(async () => JSON.stringify(await states('elsewhere')).includes('failed'), {
      what: 'the end',
    });
    expect(await states('elsewhere')).toEqual([
      { state: 'failed', attempt: 4, last_error: 'it answered 302' },
    ]);
    expect(at('/stolen')).toEqual([]);
  });

  it('are paused when they answer that they are gone', async () => {
    answers.set('/gone', (response) => response.writeHead(410).end());
    await subscribe('gone', `${url}/gone`);
    await say();
    const paused = async (): Promise<boolean> => {
      const { body } = await ask('GET', '/api/v1/subscriptions/gone');
      return (body as { spec: { isPaused?: boolean } }).spec.isPaused === true;
    };
    await waitFor(paused, { what: 'the pause' });
    const count = at('/gone').length;
    const id = await say();
    await waitFor(() => at('/good', id).length === 1, { what: 'the good one’s delivery' });
    expect(at('/gone')).toHaveLength(count);
  });

  it('are not sent to where only we can reach', async () => {
    await subscribe('inside', 'http://169.254.169.254/latest', ['image.deleted']);
    await subscribe('named', `http://localhost:1/`, ['image.deleted']);
    await say();
    await waitFor(async () => JSON.stringify(await states('inside')).includes('no public address'), {
      what: 'the refusal',
    });
  });

  it('get what was under way when the registry was killed', async () => {
    let hung = 0;
    answers.set('/killed', () => void (hung += 1));
    await subscribe('killed', `${url}/killed`);
    const id = await say();
    await waitFor(() => hung > 0, { what: 'the attempt' });
    await registry.kill('SIGKILL');
    answers.delete('/killed');
    // Rather than wait until the dead copy's claim runs out.
    await database.query(`update delivery set next_attempt_at = now() where subscription = 'killed'`);
    registry = await world.start(settings);
    await waitFor(async () => JSON.stringify(await states('killed')).includes('delivered'), {
      what: 'the delivery',
    });
    expect(at('/killed', id).length).toBeGreaterThan(1);
    expect(new Set(at('/killed', id).map(({ body }) => body)).size).toBe(1);
  });
});
