import { createServer, type Server } from 'node:http';
import type { Delivery } from '#api';
import { listenOnFreePort } from '#embedded';
import { waitFor } from '#lab';
import { type CommandWorld, commandWorld } from './command-world.js';

// Real: the registry as a process, RabbitMQ, PostgreSQL, the command as a process, and a receiver that speaks HTTP.
describe('the deliveries of a subscription, by the command', () => {
  let world: CommandWorld;
  let receiver: Server;
  let answer: number;
  const ids: string[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      ids.push(String(request.headers['webhook-id']));
      request.resume().on('end', () => response.writeHead(answer).end(answer === 204 ? '' : 'not today'));
    });
    const port = await listenOnFreePort(receiver);
    world = await commandWorld(import.meta.url, { SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.1/32' });
    await world.run(['login', world.registry.url, '--key-stdin'], { stdin: world.bootstrapKey });
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await world.run(['credentials', 'create', 'signing', '--field', 'type=webhook-secret'], {
      stdin: secret,
    });
    const fields = ['events=["backend.changed"]', `url=http://127.0.0.1:${port}/hook`, 'credential=signing'];
    const told = fields.flatMap((field) => ['--field', field]);
    expect(await world.run(['subscriptions', 'create', 'chat', ...told])).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(async () => {
    receiver.close();
    receiver.closeAllConnections();
    await world.close();
  });

  const deliveries = async (state: string): Promise<readonly Delivery[]> =>
    (await world.json<{ items: Delivery[] }>('subscriptions', 'deliveries', 'chat', '--state', state)).items;
  const one = (state: string): Promise<Delivery> =>
    waitFor(async () => (await deliveries(state))[0], { what: `a delivery that is ${state}` });

  it('are shown with tries and the last answer, and are sent again under the same id', async () => {
    expect((await world.run(['subscriptions', 'deliveries', 'chat'])).stdout).toMatch(/nothing of this kind/);
    answer = 410;
    await world.run(['backends', 'create', 'pool', '--field', 'kind=local']);
    const { id, event } = await one('failed');
    const shown = await world.run(['subscriptions', 'deliveries', 'chat']);
    expect(shown.stdout).toMatch(/^STATE .*TRIES/);
    expect(shown.stdout).toMatch(new RegExp(`failed +backend\\.changed .* 1 .*${id} +410, `));

    // The receiver that said it was gone is back.
    answer = 204;
    await world.run(['subscriptions', 'set', 'chat', 'isPaused=false']);
    expect(await world.run(['subscriptions', 'replay', 'chat', '--failed'])).toMatchObject({
      code: 0,
      stdout: '1 event is on the way to chat again\n',
    });
    expect(await one('delivered')).toMatchObject({ id, event: { id: event.id } });
    expect(ids).toEqual([event.id, event.id]);
    expect(await world.run(['subscriptions', 'replay', 'chat', id])).toMatchObject({ code: 0 });
    await waitFor(() => ids.length === 3, { what: 'the third time' });
  });

  it('are tested: exit code 0 when the receiver takes it, 1 with its words when it does not', async () => {
    answer = 204;
    expect(await world.run(['subscriptions', 'test', 'chat'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('chat took the test event with 204'),
    });
    answer = 503;
    const refused = await world.run(['subscriptions', 'test', 'chat', '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ isDelivered: false, status: 503, said: 'not today' });
    expect(JSON.parse(refused.stderr)).toMatchObject({
      code: 'command.test_failed',
      detail: expect.stringContaining('not today'),
    });
  });

  it('say what is wrong with the question', async () => {
    expect(await world.run(['subscriptions', 'deliveries', 'chatt'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('did you mean "chat"'),
    });
    expect(await world.run(['subscriptions', 'replay', 'chat'])).toMatchObject({ code: 2 });
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await world.run(['subscriptions', 'replay', 'chat', unknown])).toMatchObject({ code: 3 });
    expect(await world.run(['subscriptions', 'deliveries', 'chat', '--state', 'lost'])).toMatchObject({
      code: 2,
    });
  });
});
