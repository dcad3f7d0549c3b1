import { waitFor, type SpawnedService } from '#lab';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PublisherWorld } from './publisher-world.js';

describe('taking an image off CVMFS by command', () => {
  let world: PublisherWorld;
  let publisher: SpawnedService;

  beforeAll(async () => {
    // With an hour between two rounds of cleaning up: nothing but the command itself can be the cause.
    world = await PublisherWorld.create({
      testPath: import.meta.url,
      repository: { gracePeriod: '1h' },
      env: { SLIPWAY_CLEAN_UP_SECONDS: '3600' },
    });
  }, 60_000);
  beforeEach(async () => {
    publisher = await world.startPublisher();
  });
  afterEach(() => publisher.kill('SIGKILL'));
  afterAll(() => world.close());

  const published = async (
    repository: string,
    ...tags: string[]
  ): Promise<{ digest: string; path: string }> => {
    const layers = [[{ name: 'a', content: repository }]];
    let digest = '';
    for (const tag of tags) {
      digest = await world.push(repository, tag, layers);
      await world.announce({ repository, tag, digest });
      await waitFor(() => isThere(world.link(repository, tag)), { what: `the link ${tag}` });
    }
    const { data } = await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    return { digest, path: String(data['path']) };
  };

  it('takes a tag away and leaves the tree to the tags that still name it', async () => {
    const { digest, path } = await published('team/two', 'v1', 'v2');
    await world.unpublish({ repository: 'team/two', tag: 'v1', now: true });
    const { data } = await world.recorder.waitFor('image.untagged', (said) => said['digest'] === digest);
    expect(data).toMatchObject({ removed: ['v1'], tags: ['v2'] });
    expect(await isThere(world.link('team/two', 'v1'))).toBe(false);
    expect(await readFile(join(path, 'a'), 'utf8')).toBe('team/two');
  });

  it('takes the links at once and leaves the tree to the jobs that run from it', async () => {
    const { digest, path } = await published('team/grace', 'v1');
    await world.unpublish({ repository: 'team/grace', tag: 'v1' });
    const { data } = await world.recorder.waitFor('image.unpublishing', (said) => said['digest'] === digest);
    expect(Date.parse(String(data['removedAfter']))).toBeGreaterThan(Date.now() + 50 * 60_000);
    await waitFor(async () => !(await isThere(world.link('team/grace', 'v1'))), {
      what: 'the end of the link',
    });
    expect(await isThere(path)).toBe(true);
    await world.unpublish({ repository: 'team/grace', digest, now: true });
    await world.recorder.waitFor('image.unpublished', (said) => said['digest'] === digest);
    expect(await isThere(path)).toBe(false);
  });

  it('takes links and tree at once, says so once, and publishes the image again when it is asked to', async () => {
    const { digest, path } = await published('team/now', 'v1');
    await world.unpublish({ repository: 'team/now', digest, now: true });
    await world.unpublish({ repository: 'team/now', digest, now: true });
    await world.recorder.waitFor('image.unpublished', (said) => said['digest'] === digest);
    expect(await isThere(path)).toBe(false);
    expect(await isThere(world.link('team/now', 'v1'))).toBe(false);
    await world.command({ repository: 'team/now', tag: 'v1' });
    await waitFor(() => isThere(world.link('team/now', 'v1')), { what: 'the link again' });
    const said = world.recorder.named('image.unpublished').filter(({ data }) => data['digest'] === digest);
    expect(said).toHaveLength(1);
  });

  it('killed between CVMFS and the database: the next one finishes it, and says it once', async () => {
    const { digest, path } = await published('team/killed', 'v1');
    await holdForgetting(world);
    await world.unpublish({ repository: 'team/killed', digest, now: true });
    await waitFor(async () => !(await isThere(path)), { what: 'the end of the tree' });
    await waitForHeld(world);
    await publisher.kill('SIGKILL');
    await world.database.query('select pg_advisory_unlock_all()');
    publisher = await world.startPublisher();
    await world.recorder.waitFor('image.unpublished', (said) => said['digest'] === digest);
    const rows = await world.database.query('select state from publication where digest = $1', [digest]);
    expect(rows.rows).toEqual([{ state: 'unpublished' }]);
    const said = world.recorder.named('image.unpublished').filter(({ data }) => data['digest'] === digest);
    expect(new Set(said.map(({ id }) => id)).size).toBe(1);
  });
});

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Lets whoever strikes a name out of the database wait for this test. */
async function holdForgetting({ database }: PublisherWorld): Promise<void> {
  await database.query(`create function held() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(42); return old; end $$`);
  await database.query(
    'create trigger held before delete on image_name for each row execute function held()',
  );
  await database.query('select pg_advisory_lock(42)');
}

const waitForHeld = ({ database }: PublisherWorld): Promise<unknown> =>
  waitFor(
    async () =>
      (await database.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).rowCount,
    { what: 'a statement that waits for this test' },
  );
