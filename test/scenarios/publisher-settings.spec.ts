import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerRegistry, type DockerRegistryServer } from '#embedded';
import { isolatedVhost, waitFor, type SpawnedService } from '#lab';
import { buildLayer, pushImage } from '#oci';
import { keyRingText, StandInRegistry } from '../stand-ins/registry.js';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

// Real: two publishers as processes, RabbitMQ, PostgreSQL, two container registries, CVMFS as a directory. The registry
// of settings is a stand-in.
describe('publishers that take their settings from the registry', () => {
  const password = 'a password of a registry';
  let world: PublisherWorld;
  let settings: StandInRegistry;
  let closed: DockerRegistryServer;
  const publishers: SpawnedService[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'slipway-publisher-copy-'));

  const start = async (): Promise<void> => {
    publishers.push(await world.startPublisher({ SLIPWAY_STATE_DIRECTORY: join(directory, 'state') }));
  };
  const repository = (more: object = {}): object => ({
    name: cvmfsRepository,
    driver: 'directory',
    path: world.root,
    ...more,
  });
  const rule = (name: string, registry: string, pattern = '**'): object => ({
    name,
    registry,
    repository: pattern,
    cvmfsRepository,
  });
  const published = (digest: string) =>
    world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
  const push = async (name: string, tag = 'v1'): Promise<string> => {
    const content = `${name}:${tag}\n`.repeat(20_000);
    const digest = await world.push(name, tag, [
      [{ name: 'file', content }],
      [{ name: 'other', content: name }],
    ]);
    await world.announce({ repository: name, tag, digest });
    return digest;
  };
  /** Announced again and again: a push that no rule wants yet is forgotten. */
  const announcedUntil = (digest: string, name: string, event: string): Promise<unknown> =>
    waitFor(
      async () => {
        await world.announce({ repository: name, tag: 'v1', digest });
        return world.recorder.named(event).some(({ data }) => data['digest'] === digest);
      },
      { what: `${event} of ${name}`, intervalMs: 200 },
    );
  const lines = (): string => publishers.flatMap((publisher) => publisher.logs()).join('\n');

  beforeAll(async () => {
    const { url: amqpUrl } = await isolatedVhost(import.meta.url);
    world = await PublisherWorld.create({
      testPath: import.meta.url,
      amqpUrl,
      env: { SLIPWAY_REGISTRY: 'on', SLIPWAY_KEY_RING: keyRingText, SLIPWAY_CONFIG: '/nowhere/slipway.yml' },
    });
    closed = await startDockerRegistry({
      directory: join(directory, 'closed'),
      auth: { username: 'robot', password },
    });
    settings = new StandInRegistry(amqpUrl);
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await settings.stop();
    await closed.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('wait for them at their first start, and lose no image that is pushed meanwhile', async () => {
    const digest = await push('team/early');
    const host = world.registry.host;
    await settings.change('container_registry', host, { host, insecure: true });
    await settings.change('cvmfs_repository', cvmfsRepository, repository());
    await settings.change('image_rule', 'early', rule('early', host, 'team/early'));
    const starting = start();
    await settings.start();
    await starting;
    await published(digest);
    await start();
  });

  it('publish what a new rule wants, and no longer what a removed one wanted, without a restart', async () => {
    const unwanted = await push('team/unwanted');
    await settings.change('image_rule', 'live', rule('live', world.registry.host, 'team/wanted'));
    await announcedUntil(await push('team/wanted'), 'team/wanted', 'image.published');
    await settings.change('image_rule', 'live');
    // A command says when no rule is left, where a push that nobody wants is simply forgotten.
    const wish = { repository: 'team/wanted', tag: 'v1' };
    await waitFor(
      async () => {
        await world.command(wish);
        return lines().includes('image.no_rule');
      },
      { what: 'the rule to be gone', intervalMs: 200 },
    );
    expect(world.recorder.named('image.published').map(({ data }) => data['digest'])).not.toContain(unwanted);
  });

  it('finish what a lane has begun when its settings change, and go on with the new ones', async () => {
    await settings.change('image_rule', 'all', rule('all', world.registry.host));
    const digests: string[] = [];
    for (let n = 0; n < 8; n++) {
      digests.push(await push(`team/busy-${n}`));
      if (n % 2)
        await settings.change('cvmfs_repository', cvmfsRepository, repository({ gracePeriod: `${n + 1}d` }));
    }
    for (const digest of digests) await published(digest);
    const said = world.recorder.named('image.published').map(({ data }) => data['digest']);
    for (const digest of digests) expect(said.filter((each) => each === digest)).toHaveLength(1);
    expect(world.recorder.named('image.publish_failed')).toEqual([]);
    expect(lines()).toContain('its settings changed');
    await waitFor(() => lines().includes('the lane has ended'), { what: 'the end of the first lane' });
    await published(await push('team/after'));
  });

  it('log in to a container registry with what the registry of settings says, and with a new password', async () => {
    const host = closed.host;
    const layers = [await buildLayer([{ name: 'closed', content: 'closed' }])];
    const authorization = `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`;
    const { digest } = await pushImage({
      registry: host,
      repository: 'closed/app',
      tags: ['v1'],
      layers,
      authorization,
    });
    const say = (id: string) =>
      world.announce({ registry: host, repository: 'closed/app', tag: 'v1', digest }, id);
    const login = { name: 'login', type: 'registry-login', username: 'robot' };
    await settings.change('credential', 'login', login, { secrets: [{ secret: 'a wrong password' }] });
    const registry = { host, insecure: true, username: 'robot', password: { credential: 'login' } };
    await settings.change('container_registry', host, registry);
    await settings.change('image_rule', 'closed', rule('closed', host));
    await waitFor(
      async () => {
        await say(`wrong-${Date.now()}`);
        return world.recorder
          .named('image.publish_failed')
          .some(({ data }) => data['registry'] === host && String(data['code']).startsWith('registry.'));
      },
      { what: 'a refusal', intervalMs: 300 },
    );
    expect(world.recorder.named('credential.used')).toEqual([]);
    await settings.change('credential', 'login', login, {
      secrets: [{ secret: password }, { secret: 'a wrong password', validUntil: '2100-01-01T00:00:00.000Z' }],
    });
    await waitFor(
      async () => {
        await say(`right-${Date.now()}`);
        return world.recorder.named('image.published').some(({ data }) => data['digest'] === digest);
      },
      { what: 'the image of the closed registry', intervalMs: 300 },
    );
    const used = await world.recorder.waitFor('credential.used');
    expect(used.data).toMatchObject({ name: 'login', purpose: `registry ${host}` });
    expect(lines()).not.toContain(password);
  });

  it('finish what was begun for a CVMFS repository that is removed, and take no more for it', async () => {
    const digests = [await push('team/last-1'), await push('team/last-2')];
    for (const digest of digests) {
      await world.recorder.waitFor('image.publishing', (said) => said['digest'] === digest);
    }
    await settings.change('cvmfs_repository', cvmfsRepository);
    for (const digest of digests) await published(digest);
    expect(await readFile(join(world.link('team/last-1', 'v1'), 'other'), 'utf8')).toBe('team/last-1');
    await waitFor(() => lines().split('it was removed').length > 2, { what: 'both copies to know' });
    const late = await push('team/late');
    const { data } = await world.recorder.waitFor(
      'image.publish_failed',
      (said) => said['digest'] === late && said['code'] === 'cvmfs.unknown_repository',
    );
    expect(data['willRetry']).toBe(false);
    await settings.change('cvmfs_repository', cvmfsRepository, repository());
    await waitFor(
      async () => {
        await world.command({ repository: 'team/late', tag: 'v1' });
        return world.recorder.named('image.published').some(({ data: said }) => said['digest'] === late);
      },
      { what: 'the image once its repository is back', intervalMs: 500 },
    );
  });
});
