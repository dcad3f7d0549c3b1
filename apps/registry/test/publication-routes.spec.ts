import type { Publication, PublicationWithHistory, PublishAnswer, WhyAnswer } from '#api';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imagePublishFailed, imagePublishing, imagePushed, imageQueued } from '#contracts';
import { waitFor, type SpawnedService } from '#lab';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { nextCommand } from '../../../test/scenarios/next-command.js';
import { type Asking, askingWith } from './asking.js';
import { registryWorld } from './registry-world.js';

const cvmfsRepository = 'unpacked.example.org';
const image = {
  cvmfsRepository,
  registry: 'r.example.org',
  repository: 'team/app',
  digest: `sha256:${'a'.repeat(64)}`,
  tags: ['v1'],
};
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe('the routes of publications', () => {
  let registry: SpawnedService;
  let bus: Bus;
  let ask: Asking;
  let broker: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    registry = await world.start();
    ask = askingWith(registry.url, await world.adminKey(registry));
    bus = connectBus({ url: world.amqpUrl, service: 'cvmfs-publisher', logger: silentLogger });
    await bus.started();
    broker = await connect(world.amqpUrl);
    channel = await broker.createChannel();
    const rule = { name: 'team', registry: 'r.example.org', repository: 'team/**', cvmfsRepository };
    expect((await ask('POST', '/api/v1/cvmfs-repositories', { name: cvmfsRepository })).status).toBe(201);
    expect((await ask('POST', '/api/v1/image-rules', rule)).status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await registry.kill('SIGKILL');
    await Promise.allSettled([bus.close(), broker.close()]);
  });

  const listed = async (query = ''): Promise<readonly Publication[]> =>
    ((await ask('GET', `/api/v1/publications${query}`)).body as { items: Publication[] }).items;
  const why = async (query: string): Promise<WhyAnswer> =>
    (await ask('GET', `/api/v1/publications/why?registry=r.example.org&${query}`)).body as WhyAnswer;
  /** What the publisher was told. */
  const commanded = (): Promise<object> => nextCommand(channel, 'cvmfs-publisher.images');

  it('hear no method that an address lacks, though it could be an id', async () => {
    expect(await ask('DELETE', '/api/v1/publications/why')).toMatchObject({
      status: 405,
      body: { code: 'request.wrong_method' },
    });
  });

  it('tell why an image is not there of which nobody has told, and one that no rule wants', async () => {
    const unheard = await why('repository=team/none&tag=v1');
    expect(unheard).toMatchObject({ isPublished: false, rules: ['team'], publications: [] });
    expect(unheard.text).toContain('Nobody has told of r.example.org/team/none:v1');
    const pushed = {
      registry: 'r.example.org',
      repository: 'other/app',
      tag: 'v1',
      source: 'harbor',
      verified: true,
    };
    await bus.publish(imagePushed, pushed);
    const unwanted = await waitFor(
      async () => [await why('repository=other/app&tag=v1')].find(({ pushedAt }) => pushedAt !== undefined),
      { what: 'the push' },
    );
    expect(unwanted.text).toContain('Source "harbor" said');
    expect(unwanted.text).toContain('no image rule matches');
  });

  it('follow a publication from its queue on, and say what it waits for', async () => {
    await bus.publish(
      imageQueued,
      { ...image, because: 'requested', attempt: 0, requestedAt: at(0) },
      { time: at(0) },
    );
    const [waiting] = await waitFor(async () => [await listed()].find((items) => items.length === 1), {
      what: 'the publication',
    });
    expect(waiting?.state).toBe('waiting');
    expect(waiting?.whyNotYet).toContain('nothing is before it in the lane of unpacked.example.org');
    const step = { step: 'fetch' as const, attempt: 1, bytes: 2_000_000, bytesDone: 500_000 };
    await bus.publish(imagePublishing, { ...image, ...step }, { time: at(1) });
    await waitFor(async () => (await listed('?state=publishing')).length === 1, { what: 'its beginning' });
    expect((await why('repository=team/app&tag=v1')).text).toContain('fetching layers: 500 kB of 2.0 MB');
    const failure = { step: 'fetch' as const, code: 'registry.unavailable', reason: 'no answer' };
    const next = { willRetry: true, retryAt: at(30), attempt: 1, seconds: { total: 1 } };
    await bus.publish(imagePublishFailed, { ...image, ...failure, ...next }, { time: at(2) });
    await waitFor(async () => (await listed('?state=retrying&q=team/app')).length === 1, {
      what: 'its failure',
    });
    const read = (await ask('GET', `/api/v1/publications/${waiting?.id}`)).body as PublicationWithHistory;
    expect(read.whyNotYet).toContain('Attempt 1 failed in step "fetch": no answer (registry.unavailable)');
    expect(read.history.map(({ event }) => event)).toEqual(['image.publish_failed', 'image.queued']);
  });

  it('send the wish to publish once, also when the request comes again', async () => {
    const body = { registry: 'r.example.org', repository: 'team/new', tag: 'v1' };
    const key = { 'idempotency-key': 'once' };
    const [first, second] = [
      await ask('POST', '/api/v1/publications', body, key),
      await ask('POST', '/api/v1/publications', body, key),
    ];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
    expect((first.body as PublishAnswer).cvmfsRepositories).toEqual([cvmfsRepository]);
    await ask('POST', '/api/v1/publications', { ...body, tag: 'v2' });
    await commanded().then((pushed) => expect(pushed).toMatchObject({ key: 'image.pushed.v1' }));
    expect(await commanded()).toMatchObject({ ...body, key: 'image.publish.v1', cvmfsRepository });
    expect(await commanded()).toMatchObject({ ...body, tag: 'v2' });
  });

  it('refuse to publish what no rule wants unless they are told where to, and what is no image', async () => {
    const body = { registry: 'r.example.org', repository: 'other/app', tag: 'v1' };
    const refused = await ask('POST', '/api/v1/publications', body);
    expect([refused.status, refused.body]).toMatchObject([422, { code: 'image.no_rule' }]);
    expect((await ask('POST', '/api/v1/publications', { ...body, cvmfsRepository })).status).toBe(202);
    expect(await commanded()).toMatchObject(body);
    expect((await ask('POST', '/api/v1/publications', { ...body, tag: '../x' })).status).toBe(422);
    expect((await ask('GET', '/api/v1/publications/not-a-uuid')).status).toBe(400);
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect((await ask('GET', `/api/v1/publications/${unknown}`)).status).toBe(404);
  });

  it('send the wish to unpublish, by tag or with all tags, and write down who had it', async () => {
    const [publication] = await listed('?repository=team/app');
    const address = `/api/v1/publications/${publication?.id}`;
    expect((await ask('DELETE', `${address}?tag=v9`)).status).toBe(404);
    expect((await ask('DELETE', `${address}?tag=v1`)).status).toBe(202);
    expect((await ask('DELETE', `${address}?now=true`)).status).toBe(202);
    const { tags: _tags, digest, ...named } = image;
    expect(await commanded()).toMatchObject({ ...named, key: 'image.unpublish.v1', tag: 'v1', now: false });
    expect(await commanded()).toMatchObject({ ...named, digest, now: true });
    const trail = (await ask('GET', '/api/v1/audit?action=unpublish_asked')).body as { items: object[] };
    expect(trail.items[0]).toMatchObject({ kind: 'publication', name: publication?.id });
  });

  it('are closed to who is not signed in', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/why'],
      ['POST', ''],
    ] as const)
      expect((await askingWith(registry.url)(method, `/api/v1/publications${path}`)).status).toBe(401);
  });

  it('are those that the rules of one project publish, for who asks for them', async () => {
    const project = { name: 'physics', kind: 'repository', url: 'https://git.example.org/physics' };
    const rule = { name: 'physics', registry: 'r.example.org', repository: 'physics/**', cvmfsRepository };
    expect((await ask('POST', '/api/v1/projects', project)).status).toBe(201);
    expect((await ask('POST', '/api/v1/image-rules', { ...rule, project: 'physics' })).status).toBe(201);
    const asked = { because: 'requested' as const, attempt: 0, requestedAt: at(0) };
    for (const repository of ['physics/app', 'team/last'])
      await bus.publish(imageQueued, { ...image, ...asked, repository }, { time: at(0) });
    await waitFor(async () => (await listed('?repository=team/last')).length === 1, { what: 'the other' });
    const found = await waitFor(
      async () => [await listed('?project=physics')].find((items) => items.length > 0),
      { what: "the project's" },
    );
    expect(found.map(({ repository }) => repository)).toEqual(['physics/app']);
  });
});
