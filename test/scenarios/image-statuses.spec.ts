import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  commitSetStatus,
  imagePublished,
  imagePublishFailed,
  imagePublishing,
  imageUnpublished,
  type PayloadOf,
} from '#contracts';
import { directoryEnvironment, partnersEnvironment } from '#embedded';
import { isolatedSchema, type SpawnedService, spawnService, waitFor } from '#lab';
import type { LayerEntry } from '#oci';
import { publicationId } from '#settings';
import { startGitLab, type TestGitLab, type TestProject } from '../gitlab/index.js';
import { keyRingText } from '../stand-ins/registry.js';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

const name = `slipway/${cvmfsRepository}`;
const consoleUrl = 'https://slipway.example.org';

// Real: RabbitMQ, PostgreSQL, a registry, publisher and bridge as processes. A GitLab of the tests.
describe('an image that a pipeline pushed', () => {
  let world: PublisherWorld;
  let gitlab: TestGitLab;
  let project: TestProject;
  let env: Readonly<Record<string, string>>;
  const bridges: SpawnedService[] = [];

  beforeAll(async () => {
    world = await PublisherWorld.create({ testPath: import.meta.url });
    gitlab = await startGitLab();
    project = await gitlab.createProject({ path: 'lhcb/analysis', files: { a: 'b' } });
    const bot = gitlab.addPerson('bot');
    project.addMember(bot, 30);
    await writeFile(join(world.directory, 'api'), gitlab.addToken(bot), { mode: 0o600 });
    const { host } = world.registry;
    const file = {
      projects: [{ name: 'analysis', url: `${gitlab.url}/lhcb/analysis`, path: 'lhcb/analysis' }],
      gitlabServers: [{ name: 'main', url: gitlab.url, credential: 'api' }],
      credentials: [
        { name: 'api', type: 'gitlab-api-token', secret: { file: join(world.directory, 'api') } },
      ],
      cvmfsRepositories: [{ name: cvmfsRepository, driver: 'directory', path: world.root }],
      registries: [{ host, insecure: true }],
      imageRules: [
        { name: 'own', registry: host, repository: 'lhcb/**', cvmfsRepository, project: 'analysis' },
        { name: 'house', registry: host, repository: 'house/**', cvmfsRepository },
      ],
    };
    const path = join(world.directory, 'whole.yml');
    await writeFile(path, JSON.stringify(file));
    const postgres = await isolatedSchema(import.meta.url, '-bridge');
    env = {
      ...directoryEnvironment(world.directory),
      ...partnersEnvironment({ amqpUrl: world.amqpUrl, keyRing: keyRingText, postgres }),
      SLIPWAY_CONFIG: path,
      SLIPWAY_CONSOLE_URL: consoleUrl,
      SLIPWAY_STATUS_PAUSE_MS: '1000',
      SLIPWAY_LONGEST_RETRY_MS: '200',
    };
    await Promise.all([startBridge(), world.startPublisher({ SLIPWAY_CONFIG: path })]);
  }, 180_000);
  afterAll(async () => {
    await Promise.all(bridges.map((bridge) => bridge.kill('SIGKILL')));
    await Promise.allSettled([world?.close(), gitlab?.close()]);
  });

  async function startBridge(): Promise<SpawnedService> {
    const bridge = await spawnService('gitlab-bridge', env);
    bridges.push(bridge);
    return bridge;
  }

  const commit = (): Promise<string> => project.commit({ files: { a: randomUUID() } });
  const originOf = (revision: string) => ({ source: `${gitlab.url}/lhcb/analysis`, revision });

  /** As `docker build --label …` and `docker push` in a job of this commit. */
  async function build(repository: string, sha: string, layer: readonly LayerEntry[]): Promise<string> {
    const { source, revision } = originOf(sha);
    const labels = {
      'org.opencontainers.image.source': source,
      'org.opencontainers.image.revision': revision,
    };
    const digest = await world.push(repository, 'v1', [layer], { config: { Labels: labels } });
    await world.announce({ repository, tag: 'v1', digest });
    return digest;
  }

  /** Nothing is published before the work is done. */
  async function whileHeld<T>(work: () => Promise<T>): Promise<T> {
    const holder = spawn('flock', [join(world.root, '.slipway/lock'), 'cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    holder.stdin.write('\n');
    await once(holder.stdout, 'data');
    try {
      return await work();
    } finally {
      const gone = once(holder, 'exit');
      holder.stdin.end();
      await gone;
    }
  }

  /** As in a job of this commit, until GitLab shows that it runs. */
  async function runningOf(sha: string): Promise<string> {
    const digest = await build('lhcb/analysis', sha, [{ name: 'a', content: sha }]);
    await until(sha, 'running');
    return digest;
  }

  const shown = (sha: string) => project.statuses.filter((one) => one.sha === sha);
  const told = (sha: string): number =>
    gitlab.requestsOf('status').filter(({ path }) => path.includes(sha)).length;
  const until = (sha: string, state: string): Promise<unknown> =>
    waitFor(() => shown(sha).some(({ status }) => status === state), { what: state, deadlineMs: 60_000 });
  const pageOf = (repository: string, digest: string): string => {
    const { host: registry } = world.registry;
    return `${consoleUrl}/publications/${publicationId({ cvmfsRepository, registry, repository, digest, tags: [] })}`;
  };

  /** Until the bridge has taken what was said before. */
  async function heard(): Promise<void> {
    const sha = await commit();
    await world.bus.publish(commitSetStatus, {
      workId: randomUUID(),
      project: 'analysis',
      gitlab: 'main',
      gitlabProject: project.path,
      sha,
      name: 'sign',
      state: 'success',
      at: new Date().toISOString(),
    });
    await until(sha, 'success');
  }

  it('is shown at its commit as long as it is published and when it is readable, once, with a link', async () => {
    const sha = await commit();
    const digest = await whileHeld(() => runningOf(sha));
    await until(sha, 'success');
    const link = world.link('lhcb/analysis', 'v1');
    const expected = {
      name,
      history: ['running', 'success'],
      description: expect.stringMatching(`^readable as ${link}, after \\d+ s$`),
      targetUrl: pageOf('lhcb/analysis', digest),
    };
    expect(shown(sha)).toMatchObject([expected]);
    for (const event of ['image.publishing', 'image.published']) {
      const { data } = await world.recorder.waitFor(event, (said) => said['digest'] === digest);
      expect(data['origin']).toEqual(originOf(sha));
    }
    const { id, data } = await world.recorder.waitFor('image.published', (one) => one['digest'] === digest);
    const before = told(sha);
    for (const again of [{ id }, {}])
      await world.bus.publish(imagePublished, data as PayloadOf<typeof imagePublished>, again);
    await heard();
    expect([told(sha), shown(sha)]).toMatchObject([before, [expected]]);
  }, 180_000);

  it('that cannot be published is shown as failed, with the reason', async () => {
    const sha = await commit();
    const digest = await build('lhcb/analysis/bad', sha, [{ name: '../../escaped', content: 'x' }]);
    await until(sha, 'failed');
    const { data } = await world.recorder.waitFor(
      'image.publish_failed',
      (said) => said['digest'] === digest,
    );
    expect(data['origin']).toEqual(originOf(sha));
    expect(shown(sha)).toMatchObject([
      {
        name: `${name}/bad`,
        description: String(data['reason']).slice(0, 255),
        targetUrl: pageOf('lhcb/analysis/bad', digest),
      },
    ]);
  }, 120_000);

  it('from where no rule of the project looks is published, and is not shown, whatever its labels say', async () => {
    const sha = await commit();
    const digest = await build('house/app', sha, [{ name: 'a', content: sha }]);
    const { data } = await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    expect(data['origin']).toEqual(originOf(sha));
    await heard();
    expect(shown(sha)).toEqual([]);
  }, 120_000);

  it('is shown by the next bridge where one was killed meanwhile, and why it is tried again', async () => {
    const [sha, tried] = [await commit(), await commit()];
    const digest = await whileHeld(async () => {
      const made = await runningOf(sha);
      await bridges.at(-1)?.kill('SIGKILL');
      return made;
    });
    await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
    const said = {
      cvmfsRepository,
      registry: world.registry.host,
      repository: 'lhcb/analysis',
      tags: ['v2'],
      digest: `sha256:${'e'.repeat(64)}`,
      attempt: 1,
      origin: originOf(tried),
    };
    await world.bus.publish(imagePublishFailed, {
      ...said,
      step: 'fetch',
      code: 'registry.unavailable',
      reason: 'no answer',
      willRetry: true,
      seconds: { total: 1 },
    });
    await startBridge();
    await Promise.all([until(sha, 'success'), until(tried, 'running')]);
    expect(shown(sha)).toMatchObject([{ name, history: ['running', 'success'] }]);
    expect(shown(tried)).toMatchObject([
      { history: ['running'], description: 'attempt 1 failed, it is tried again: no answer' },
    ]);
  }, 180_000);

  it('that is withdrawn is shown as canceled while it is on its way, and stays what it was when it had arrived', async () => {
    const [arrived, sha] = [await commit(), await commit()];
    const repository = 'lhcb/analysis';
    const gone = await build(repository, arrived, [{ name: 'a', content: arrived }]);
    await until(arrived, 'success');
    const before = shown(arrived).map(({ status, history }) => ({ status, history: [...history] }));
    await world.unpublish({ repository, tag: 'v1', now: true });
    await world.recorder.waitFor('image.unpublished', (one) => one['digest'] === gone);
    const { host: registry } = world.registry;
    const said = { cvmfsRepository, registry, repository, tags: [], digest: `sha256:${'f'.repeat(64)}` };
    await world.bus.publish(imagePublishing, { ...said, step: 'fetch', attempt: 1, origin: originOf(sha) });
    await until(sha, 'running');
    const withdrawn = { ...said, path: '/never/made', unreferencedAt: new Date().toISOString() };
    for (const id of ['first', 'first', 'second'])
      await world.bus.publish(imageUnpublished, withdrawn, { id: `${sha}-${id}` });
    await until(sha, 'canceled');
    expect(shown(sha)).toMatchObject([
      { history: ['running', 'canceled'], description: 'taken back before it was published' },
    ]);
    expect(shown(arrived)).toMatchObject(before);
  }, 120_000);
});
