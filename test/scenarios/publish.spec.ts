import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitFor, type SpawnedService } from '#lab';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

describe('the publisher, with a real broker, database and registry', () => {
  let world: PublisherWorld;
  let publisher: SpawnedService;

  beforeAll(async () => {
    world = await PublisherWorld.create({ testPath: import.meta.url, repository: { gracePeriod: '2s' } });
    publisher = await world.startPublisher();
  }, 60_000);
  afterAll(() => world.close());

  it('makes a pushed image a tree that its tag leads to', async () => {
    const digest = await world.push('team/app', 'v1', [
      [
        { name: 'etc/', type: 'directory' },
        { name: 'etc/motd', content: 'hello' },
        { name: 'etc/old', content: 'x' },
      ],
      [
        { name: 'etc/.wh.old', content: '' },
        { name: 'etc/new', type: 'symlink', linkname: 'motd' },
      ],
    ]);
    await world.announce({ repository: 'team/app', tag: 'v1', digest });
    const { data } = await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    const link = world.link('team/app', 'v1');
    expect(data).toMatchObject({ cvmfsRepository, tags: ['v1'], links: [link], attempt: 1 });
    expect(data['seconds']).toMatchObject({
      fetch: expect.any(Number),
      unpack: expect.any(Number),
      total: expect.any(Number),
    });
    expect(await realpath(link)).toBe(data['path']);
    expect(await readFile(join(link, 'etc/motd'), 'utf8')).toBe('hello');
    expect(await readlink(join(link, 'etc/new'))).toBe('motd');
    expect(await readdir(join(link, 'etc'))).toEqual(expect.not.arrayContaining(['old', '.wh.old']));
    const beside = await realpath(link);
    expect(JSON.parse(await readFile(`${beside}.manifest.json`, 'utf8'))).toHaveProperty('layers');
    expect(JSON.parse(await readFile(`${beside}.config.json`, 'utf8'))).toHaveProperty('rootfs');
    for (const file of ['.cvmfscatalog', '.singularity.d/runscript'])
      expect([file, (await lstat(join(link, file))).isFile()]).toEqual([file, true]);
    expect((await lstat(join(link, 'cvmfs'))).isDirectory()).toBe(true);
  });

  it('counts what it published', async () => {
    const page = await (await fetch(`${publisher.url}/metrics`)).text();
    expect(page).toMatch(/slipway_publications_total\{cvmfs_repository="unpacked.example.org"[^}]*\} [1-9]/);
  });

  it('makes one publication of a storm', async () => {
    const digest = await world.push('team/storm', 'v1', [[{ name: 'a', content: 'storm' }]]);
    await Promise.all(
      Array.from({ length: 21 }, (_, n) =>
        world.announce({ repository: 'team/storm', ...(n % 2 && { tag: 'v1' }), digest }),
      ),
    );
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    await world.announce({ repository: 'team/storm', tag: 'v1', digest });
    // Whatever the storm still holds has passed once a later image is through.
    const later = await world.push('team/later', 'v1', [[{ name: 'a', content: 'later' }]]);
    await world.announce({ repository: 'team/later', tag: 'v1', digest: later });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === later);
    expect(
      world.recorder.named('image.published').filter(({ data }) => data['digest'] === digest),
    ).toHaveLength(1);
  });

  it('re-points a tag that moved, keeps the old tree for its grace period, and then removes it', async () => {
    const layer = [{ name: 'base', content: 'the same' }];
    const first = await world.push('team/moving', 'latest', [layer, [{ name: 'version', content: '1' }]]);
    await world.announce({ repository: 'team/moving', tag: 'latest', digest: first });
    const before = await world.recorder.waitFor('image.published', (said) => said['digest'] === first);
    const second = await world.push('team/moving', 'latest', [layer, [{ name: 'version', content: '2' }]]);
    await world.announce({ repository: 'team/moving', tag: 'latest', digest: second });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === second);
    expect(await readFile(join(world.link('team/moving', 'latest'), 'version'), 'utf8')).toBe('2');
    const old = String(before.data['path']);
    expect(await readFile(join(old, 'version'), 'utf8')).toBe('1');
    await world.recorder.waitFor('image.unpublishing', (said) => said['digest'] === first);
    await world.recorder.waitFor('image.unpublished', (said) => said['digest'] === first);
    await expect(lstat(old)).rejects.toThrow('ENOENT');
    await expect(lstat(`${old}.manifest.json`)).rejects.toThrow('ENOENT');
  });

  it('takes an image whose configuration alone changed for a new one', async () => {
    const layers = [[{ name: 'a', content: 'b' }]];
    const [first, second] = [
      await world.push('team/config', 'v1', layers, { config: { Env: ['A=1'] } }),
      await world.push('team/config', 'v2', layers, { config: { Env: ['A=2'] } }),
    ];
    expect(first).not.toBe(second);
    for (const [tag, digest] of [
      ['v1', first],
      ['v2', second],
    ] as const) {
      await world.announce({ repository: 'team/config', tag, digest });
      await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    }
    expect(await realpath(world.link('team/config', 'v1'))).not.toBe(
      await realpath(world.link('team/config', 'v2')),
    );
  });

  it('says of each image where it says that it was built, and of none what cannot be', async () => {
    const source = 'https://gitlab.example.org/team/app';
    const pushed = async (tag: string, revision: string): Promise<unknown> => {
      const labels = {
        'org.opencontainers.image.source': source,
        'org.opencontainers.image.revision': revision,
      };
      const layers = [[{ name: 'a', content: tag }]];
      const digest = await world.push('team/origin', tag, layers, { config: { Labels: labels } });
      await world.announce({ repository: 'team/origin', tag, digest });
      const { data } = await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
      const steps = world.recorder.named('image.publishing').filter((step) => step.data['digest'] === digest);
      expect(new Set(steps.map((step) => JSON.stringify(step.data['origin'])))).toEqual(
        new Set([JSON.stringify(data['origin'])]),
      );
      return data['origin'];
    };
    expect(await pushed('v1', 'A'.repeat(40))).toEqual({ source, revision: 'a'.repeat(40) });
    expect(await pushed('v2', 'main')).toBeUndefined();
  });

  it('resolves the digest of a push that names none', async () => {
    const digest = await world.push('team/hint', 'v1', [[{ name: 'a', content: 'hint' }]]);
    await world.announce({ repository: 'team/hint', tag: 'v1', verified: false });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
  });

  it('publishes by command, by digest alone too', async () => {
    const digest = await world.push('team/command', 'v1', [[{ name: 'a', content: 'command' }]]);
    await world.command({ repository: 'team/command', digest, cvmfsRepository });
    const { data } = await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    const link = join(world.root, world.registry.host, `team/command@${digest}`);
    expect(data).toMatchObject({ tags: [], links: [link] });
  });

  it('says why a hostile image is not published, and lets the others pass', async () => {
    const bad = await world.push('team/bad', 'v1', [[{ name: '../../escaped', content: 'x' }]]);
    const good = await world.push('team/good', 'v1', [[{ name: 'a', content: 'good' }]]);
    await world.announce({ repository: 'team/bad', tag: 'v1', digest: bad });
    await world.announce({ repository: 'team/good', tag: 'v1', digest: good });
    const { data } = await world.recorder.waitFor('image.publish_failed', (said) => said['digest'] === bad);
    expect(data).toMatchObject({ step: 'unpack', willRetry: false, code: expect.stringMatching(/^layer\./) });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === good);
    await expect(lstat(world.link('team/bad', 'v1'))).rejects.toThrow('ENOENT');
    await expect(lstat(join(dirname(world.root), 'escaped'))).rejects.toThrow('ENOENT');
    await waitFor(async () => (await staged(world)).length === 0, { what: 'an empty staging directory' });
  });

  it('forgets a tag that its registry deleted, once its grace period is over', async () => {
    const digest = await world.push('team/gone', 'v1', [[{ name: 'a', content: 'gone' }]]);
    await world.announce({ repository: 'team/gone', tag: 'v1', digest });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    await world.announceDeletion({ repository: 'team/gone', tag: 'v1' });
    await world.recorder.waitFor('image.unpublished', (said) => said['digest'] === digest);
    await expect(lstat(world.link('team/gone', 'v1'))).rejects.toThrow('ENOENT');
  });
});

/** Trees in the making. */
async function staged(world: PublisherWorld): Promise<string[]> {
  const everything = await readdir(world.root, { recursive: true });
  return everything.filter((path) => /(^|\/)tree-[0-9a-f-]{36}$/.test(path));
}
