import { randomBytes, randomUUID } from 'node:crypto';
import type { AuditEntry, Delivery, DeliveryTest } from '#api';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imagePushed } from '#contracts';
import { type SpawnedService, waitFor } from '#lab';
import { type Asking, askingWith } from './asking.js';
import { type Receiver, signersOf, startReceiver } from './receiver.js';
import { registryWorld } from './registry-world.js';

// Real: RabbitMQ, PostgreSQL, two copies of the registry, and a receiver that speaks HTTP.
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const pushed = {
  registry: 'r.example.org',
  repository: 'team/app',
  tag: 'v1',
  source: 'harbor',
  verified: true,
};

describe('subscriptions', () => {
  let copies: readonly SpawnedService[] = [];
  let start: () => Promise<SpawnedService>;
  let key: string;
  let bus: Bus;
  let ask: Asking;
  let askOther: Asking;
  let receiver: Receiver;
  const secret = newSecret();

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    const env = { SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.1/32', SLIPWAY_SUBSCRIPTION_TIMEOUT: '2s' };
    start = () => world.start(env);
    copies = await Promise.all([start(), start()]);
    const [one, other] = copies;
    if (!one || !other) throw new Error('two copies were to be started');
    key = await world.adminKey(one);
    ask = askingWith(one.url, key);
    askOther = askingWith(other.url, key);
    receiver = await startReceiver({
      '/slow': () => {},
      '/gone': (response) => response.writeHead(410).end(),
      '/elsewhere': (response) => response.writeHead(302, { location: '/stolen' }).end(),
      '/killed': (response, count) => void (count > 1 && response.writeHead(204).end()),
      '/busy': (response, count) =>
        (count === 1 ? response.writeHead(503, { 'retry-after': '1' }) : response.writeHead(200)).end(),
      '/test': (response) => response.writeHead(500).end('not today'),
    });
    bus = connectBus({ url: world.amqpUrl, service: 'webhook-relay', logger: silentLogger });
    await bus.started();
    const credential = { name: 'signing', type: 'webhook-secret', secret };
    expect((await ask('POST', '/api/v1/credentials', credential)).status).toBe(201);
  }, 90_000);
  afterAll(async () => {
    receiver.close();
    await Promise.allSettled([bus.close(), ...copies.map((copy) => copy.kill('SIGKILL'))]);
  });

  const subscribe = async (name: string, more: object = {}): Promise<void> => {
    const url = `http://127.0.0.1:${receiver.port}/${name}`;
    const spec = { name, events: ['image.pushed'], url, credential: 'signing', ...more };
    expect(await ask('POST', '/api/v1/subscriptions', spec)).toMatchObject({ status: 201 });
  };
  const deliveries = async (name: string, query = ''): Promise<readonly Delivery[]> =>
    ((await ask('GET', `/api/v1/subscriptions/${name}/deliveries${query}`)).body as { items: Delivery[] })
      .items;
  const say = async (id: string = randomUUID()): Promise<string> => {
    await bus.publish(imagePushed, pushed, { id });
    return id;
  };
  const settled = (name: string, state: string): Promise<readonly Delivery[]> =>
    waitFor(
      async () =>
        [await deliveries(name)].find((all) => all.length > 0 && all.every((one) => one.state === state)),
      { what: `deliveries to ${name} that are ${state}`, deadlineMs: 30_000 },
    );
  const remove = async (name: string): Promise<void> => {
    const path = `/api/v1/subscriptions/${name}`;
    expect((await ask('DELETE', path, undefined, { 'if-match': '*' })).status).toBe(204);
  };

  it('are sent each event they want as a signed CloudEvent, once, whatever the broker delivers again', async () => {
    await subscribe('plain');
    await subscribe('other', { events: ['gitlab.*', 'project.changed'] });
    const id = await say();
    await say(id);
    await say(id);
    const last = await say();
    await waitFor(async () => (await deliveries('plain', '?state=delivered')).length === 2, { what: 'both' });
    expect(
      receiver
        .at('/plain')
        .map(({ event }) => event.id)
        .sort(),
    ).toEqual([id, last].sort());
    const [first] = receiver.at('/plain');
    if (!first) throw new Error('nothing came');
    expect(signersOf(first, [secret, newSecret()])).toEqual([secret]);
    expect(first.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': first.event.id,
    });
    expect(first.event).toMatchObject({
      specversion: '1.0',
      type: 'org.slipway.image.pushed.v1',
      source: '/slipway/webhook-relay',
      datacontenttype: 'application/json',
      data: pushed,
    });
    expect(receiver.at('/other')).toEqual([]);
    expect((await deliveries('plain'))[0]).toMatchObject({
      state: 'delivered',
      attempts: 1,
      event: { name: 'image.pushed' },
      lastAnswer: { status: 204 },
    });
    await remove('plain');
    await remove('other');
  });

  it('wait for nobody: one whose receiver hangs delays no other', async () => {
    await subscribe('slow');
    await subscribe('fast');
    for (let count = 0; count < 20; count++) await say();
    await settled('fast', 'delivered');
    expect(receiver.at('/fast')).toHaveLength(20);
    expect((await deliveries('slow')).every(({ state }) => state === 'waiting')).toBe(true);
    const tried = await waitFor(
      async () => (await deliveries('slow')).find(({ lastAnswer }) => lastAnswer !== undefined),
      { what: 'the first that had to wait too long' },
    );
    expect(tried.lastAnswer).toMatchObject({ reason: 'there was no answer within 2 s' });
    expect(tried.lastAnswer).not.toHaveProperty('status');
    await remove('slow');
    expect((await ask('GET', '/api/v1/subscriptions/slow/deliveries')).status).toBe(404);
    await remove('fast');
  });

  it('are signed by every secret that counts while their credential is rotated, and tell no secret', async () => {
    const [before, after] = [newSecret(), newSecret()];
    await ask('POST', '/api/v1/credentials', { name: 'turning', type: 'webhook-secret', secret: before });
    await subscribe('rotated', { credential: 'turning', events: ['credential.*', 'image.pushed'] });
    await ask('POST', '/api/v1/credentials/turning/rotate', { secret: after });
    await say();
    // That the credential was made may still come first, when the registry was slow to say so.
    const cameAs = (type: string, holds = (_text: string): boolean => true) =>
      waitFor(
        () => receiver.at('/rotated').find(({ event, text }) => event.type.includes(type) && holds(text)),
        { what: type },
      );
    const told = await cameAs(
      'credential.changed',
      (text) => (text.match(/"fingerprint"/g)?.length ?? 0) > 1,
    );
    expect(told.event.data).toMatchObject({
      name: 'turning',
      secrets: [{ id: expect.any(String) as string }, {}],
    });
    expect(told.text).not.toContain('sealed');
    const latest = await cameAs('image.pushed');
    expect(signersOf(latest, [after, before, secret])).toEqual([after, before]);
    await remove('rotated');
  });

  it('are paused when their receiver says 410, and the audit trail says why', async () => {
    await subscribe('gone');
    const id = await say();
    const [given] = await settled('gone', 'failed');
    expect(given?.lastAnswer).toMatchObject({ status: 410 });
    expect((await ask('GET', '/api/v1/subscriptions/gone')).body).toMatchObject({ spec: { isPaused: true } });
    const { items } = (await ask('GET', '/api/v1/audit?kind=subscription&name=gone')).body as {
      items: AuditEntry[];
    };
    expect(items[0]).toMatchObject({ action: 'changed', by: 'registry', fields: ['isPaused'] });
    expect(items[0]?.detail).toContain(`410 Gone to the event ${id}`);
    await remove('gone');
  });

  it('are not followed where they are redirected to', async () => {
    await subscribe('elsewhere');
    await say();
    const tried = await waitFor(
      async () => (await deliveries('elsewhere')).find(({ lastAnswer }) => lastAnswer !== undefined),
      { what: 'the attempt' },
    );
    expect(tried).toMatchObject({ state: 'waiting', lastAnswer: { status: 302 } });
    expect(tried.lastAnswer?.reason).toContain('redirects are not followed');
    expect(receiver.at('/stolen')).toEqual([]);
    await remove('elsewhere');
  });

  it('come back when the receiver says, under the same id', async () => {
    await subscribe('busy');
    const id = await say();
    const [delivered] = await settled('busy', 'delivered');
    expect(delivered).toMatchObject({ attempts: 2, lastAnswer: { status: 200 } });
    expect(receiver.at('/busy').map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    await remove('busy');
  });

  it('are sent nothing in networks that nobody allowed', async () => {
    await subscribe('inside', { url: `http://127.0.0.2:${receiver.port}/inside` });
    await subscribe('metadata', { url: 'http://169.254.169.254/latest/meta-data' });
    for (const name of ['inside', 'metadata']) {
      const answer = (await ask('POST', `/api/v1/subscriptions/${name}/test`)).body as DeliveryTest;
      expect(answer).toMatchObject({ isDelivered: false });
      expect(answer.reason).toContain('not of the public internet');
      await remove(name);
    }
    expect(receiver.at('/inside')).toEqual([]);
  });

  it('are tested: what the receiver says comes back', async () => {
    await subscribe('test', { isPaused: true });
    const answer = (await askOther('POST', '/api/v1/subscriptions/test/test')).body as DeliveryTest;
    expect(answer).toMatchObject({ isDelivered: false, status: 500, said: 'not today' });
    const [sent] = receiver.at('/test');
    if (!sent) throw new Error('nothing came');
    expect(sent.event).toMatchObject({ id: answer.eventId, type: 'org.slipway.subscription.test.v1' });
    expect(signersOf(sent, [secret])).toEqual([secret]);
    await remove('test');
  });

  it('hear nothing while they are paused, and what is replayed is sent again', async () => {
    await subscribe('paused');
    const id = await say();
    const [delivered] = await settled('paused', 'delivered');
    const path = `/api/v1/subscriptions/paused/deliveries/${delivered?.id}/replay`;
    expect(await askOther('POST', path)).toMatchObject({ status: 202, body: { state: 'waiting' } });
    await waitFor(() => Promise.resolve(receiver.at('/paused').length === 2), { what: 'the replay' });
    expect(receiver.at('/paused').map(({ event }) => event.id)).toEqual([id, id]);
    const spec = {
      name: 'paused',
      events: ['image.pushed'],
      url: `http://127.0.0.1:${receiver.port}/paused`,
      credential: 'signing',
    };
    const put = { ...spec, isPaused: true };
    expect((await ask('PUT', '/api/v1/subscriptions/paused', put, { 'if-match': '*' })).status).toBe(200);
    await subscribe('witness');
    await say();
    await settled('witness', 'delivered');
    expect(await deliveries('paused')).toHaveLength(1);
    const unknown = `/api/v1/subscriptions/paused/deliveries/${randomUUID()}/replay`;
    expect((await ask('POST', unknown)).status).toBe(404);
    await remove('paused');
    await remove('witness');
  });

  it('are sent again, under the same id, what was under way when the registry was killed', async () => {
    await subscribe('killed');
    const id = await say();
    await waitFor(() => Promise.resolve(receiver.at('/killed').length === 1), { what: 'the first attempt' });
    await Promise.all(copies.map((copy) => copy.kill('SIGKILL')));
    copies = [await start()];
    ask = askingWith(copies[0]?.url ?? '', key);
    const [delivered] = await settled('killed', 'delivered');
    expect(delivered).toMatchObject({ attempts: 2 });
    expect(receiver.at('/killed').map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    expect(receiver.at('/killed')[1]?.text).toBe(receiver.at('/killed')[0]?.text);
  });
});
