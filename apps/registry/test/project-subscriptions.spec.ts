import { randomBytes, randomUUID } from 'node:crypto';
import { type Bus, connectBus, silentLogger } from '#bus';
import { gitlabPush, imagePushed } from '#contracts';
import { type SpawnedService, waitFor } from '#lab';
import { type Asking, askingWith } from './asking.js';
import { type Receiver, startReceiver } from './receiver.js';
import { registryWorld } from './registry-world.js';

// Real: RabbitMQ, PostgreSQL, the registry, and a receiver that speaks HTTP.
describe("a project's subscription", () => {
  let registry: SpawnedService;
  let ask: Asking;
  let bus: Bus;
  let receiver: Receiver;

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    registry = await world.start({ SLIPWAY_SUBSCRIPTION_NETWORKS: '127.0.0.1/32' });
    ask = askingWith(registry.url, await world.adminKey(registry));
    receiver = await startReceiver({});
    bus = connectBus({ url: world.amqpUrl, service: 'webhook-relay', logger: silentLogger });
    await bus.started();
  }, 60_000);
  afterAll(async () => {
    receiver.close();
    await Promise.allSettled([bus.close(), registry.kill('SIGKILL')]);
  });

  const make = async (plural: string, spec: object): Promise<void> => {
    const { status, text } = await ask('POST', `/api/v1/${plural}`, spec);
    if (status !== 201) throw new Error(text);
  };
  const remove = (path: string) => ask('DELETE', `/api/v1/${path}`, undefined, { 'if-match': '*' });
  const idsAt = (name: string): readonly string[] => receiver.at(`/${name}`).map(({ event }) => event.id);
  const saidAt = (name: string): readonly string[] =>
    receiver
      .at(`/${name}`)
      .map(
        ({ event: { type, data } }) => `${type.split('.').slice(2, -1).join('.')} ${String(data['name'])}`,
      );

  it('hears what belongs to its project and nothing else; one of the house hears all', async () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    await make('credentials', { name: 'signing', type: 'webhook-secret', secret });
    const url = (name: string): string => `https://git.example.org/atlas/${name}`;
    await make('projects', { name: 'mine', url: url('mine'), gitlabId: 42 });
    await make('projects', { name: 'theirs', url: url('theirs'), gitlabId: 43 });
    await make('cvmfs-repositories', { name: 'unpacked.example.org' });
    const rule = { registry: 'r.example.org', cvmfsRepository: 'unpacked.example.org' };
    await make('image-rules', { ...rule, name: 'mine', repository: 'mine/**', project: 'mine' });
    await make('image-rules', { ...rule, name: 'rest', repository: '**' });
    for (const [name, of] of Object.entries({ house: {}, mine: { project: 'mine' } })) {
      const target = `http://127.0.0.1:${receiver.port}/${name}`;
      const events = ['image.#', 'gitlab.#', 'project.changed', 'credential.changed'];
      await make('subscriptions', { name, events, url: target, credential: 'signing', ...of });
    }
    const image = (repository: string, id: string) =>
      bus.publish(
        imagePushed,
        { registry: 'r.example.org', repository, tag: '1', source: 'harbor', verified: true },
        { id },
      );
    const push = (project: number, host: string, id: string) =>
      bus.publish(
        gitlabPush,
        {
          source: 'gitlab',
          instance: `https://${host}`,
          project: { id: project, path: 'atlas/any' },
          ref: 'refs/heads/main',
          change: 'updated',
          commits: [],
        },
        { id },
      );
    const own = { image: randomUUID(), push: randomUUID() };
    const other = { image: randomUUID(), push: randomUUID(), elsewhere: randomUUID() };
    await image('mine/app', own.image);
    await image('cms/app', other.image);
    await push(42, 'git.example.org', own.push);
    await push(43, 'git.example.org', other.push);
    await push(42, 'another.example.org', other.elsewhere);
    const credential = { type: 'webhook-secret', secret };
    await make('credentials', { ...credential, name: 'of-mine', project: 'mine' });
    await make('credentials', { ...credential, name: 'of-theirs', project: 'theirs' });
    await make('credentials', { ...credential, name: 'of-nobody' });
    for (const name of ['of-mine', 'of-theirs']) await remove(`credentials/${name}`);
    await remove('projects/theirs');
    const changes = { 'if-match': '*' };
    await ask('PUT', '/api/v1/projects/mine', { name: 'mine', url: url('mine'), gitlabId: 44 }, changes);
    await waitFor(() => receiver.at('/house').length === 12 && receiver.at('/mine').length === 5, {
      what: 'all events',
    });
    expect([...idsAt('mine')].sort()).toEqual(expect.arrayContaining([own.image, own.push]));
    for (const id of Object.values(other)) expect(idsAt('mine')).not.toContain(id);
    expect(idsAt('house')).toEqual(expect.arrayContaining([...Object.values(own), ...Object.values(other)]));
    expect([...saidAt('mine')].filter((said) => said.includes('changed')).sort()).toEqual([
      'credential.changed of-mine',
      'credential.changed of-mine',
      'project.changed mine',
    ]);
    const kept = (await ask('GET', '/api/v1/subscriptions/mine/deliveries')).body as { items: object[] };
    expect(kept.items).toHaveLength(5);
  });
});
