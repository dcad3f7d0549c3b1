import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Bus, connectBus } from '#bus';
import { imagePushed, imageUnpublish } from '#contracts';
import { databaseEnvironment, type DockerRegistryServer, startDockerRegistry } from '#embedded';
import {
  isolatedSchema,
  realApptainer,
  type SpawnedService,
  spawnService,
  waitFor,
  whyNoApptainer,
} from '#lab';
import { buildLayer, pushImage } from '#oci';
import { Client } from 'pg';
import type { TestJob } from '../gitlab/index.js';
import { standInApptainer, withProgramsOf } from '../stand-ins/apptainer.js';
import { type GitLabWorld, gitlabWorld } from './gitlab-world.js';
import { programLayer } from './program-layer.js';
import { recordEvents, type Recorder } from './recorder.js';

const cvmfsRepository = 'unpacked.example.org';

/** Who enters the tree: Apptainer itself where it is there, and a stand-in for machines and users that have none. */
const engines = [
  {
    name: 'by a stand-in for Apptainer',
    reason: undefined,
    program: (directory: string) => standInApptainer(directory),
  },
  {
    name: 'by Apptainer itself',
    reason: whyNoApptainer(),
    program: (directory: string) => realApptainer({ directory }),
  },
];

// Real: registry, publisher, submitter, monitor and bridge as processes, RabbitMQ, PostgreSQL, Debian's docker-registry,
// git over HTTP, the machine as batch system; Apptainer the second time. A GitLab of the tests.
describe.each(engines)('the image of a CI job, entered $name', ({ name, reason, program }) => {
  if (reason !== undefined) {
    it.skip(reason, () => {});
    return;
  }
  const own = `${import.meta.url}-${engines.findIndex((engine) => engine.name === name)}`;
  let world: GitLabWorld;
  let images: DockerRegistryServer;
  let publisher: SpawnedService;
  let bus: Bus;
  let recorder: Recorder;
  let database: Client;
  let programs: string;

  beforeAll(async () => {
    programs = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
    world = await gitlabWorld(own, { through: withProgramsOf(dirname(await program(programs))) });
    images = await startDockerRegistry({ directory: join(world.directory, 'images') });
    const cvmfs = join(world.directory, 'cvmfs');
    mkdirSync(cvmfs);
    await world.registerRunner();
    await world.ask('POST', '/cvmfs-repositories', {
      name: cvmfsRepository,
      driver: 'directory',
      path: cvmfs,
    });
    await world.ask('POST', '/container-registries', { host: images.host, insecure: true });
    const rule = { registry: images.host, repository: 'team/**', cvmfsRepository };
    await world.ask('POST', '/image-rules', { name: 'team', ...rule });
    recorder = await recordEvents(world.common.SLIPWAY_AMQP_URL);
    publisher = await spawnService('cvmfs-publisher', {
      ...world.common,
      ...databaseEnvironment(await isolatedSchema(own, '-publisher')),
      SLIPWAY_RETRY_SECONDS: '1,1',
      SLIPWAY_CLEAN_UP_SECONDS: '1',
    });
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    bus = connectBus({ url: world.common.SLIPWAY_AMQP_URL, service: 'test', logger: silent });
    await bus.started();
  }, 600_000);
  afterAll(async () => {
    await Promise.allSettled([database?.end(), bus?.close(), recorder?.close(), publisher?.kill()]);
    await Promise.allSettled([world?.close(), images?.stop()]);
    rmSync(programs, { recursive: true, force: true });
  });

  /** The digest of an image that says this, once it is on CVMFS; and where. */
  const publish = async (tag: string, words: string): Promise<{ digest: string; path: string }> => {
    const layers = [programLayer(['sh', 'cat']), [{ name: 'etc/words', content: `${words}\n` }]];
    const { digest } = await pushImage({
      registry: images.host,
      repository: 'team/shell',
      tags: [tag],
      layers: await Promise.all(layers.map((entries) => buildLayer(entries))),
      config: {},
    });
    await bus.publish(imagePushed, {
      registry: images.host,
      repository: 'team/shell',
      tag,
      digest,
      source: 'test',
      verified: true,
    });
    const { data } = await recorder.waitFor('image.published', (said) => said['digest'] === digest);
    return { digest, path: String(data['path']) };
  };

  const run = async (image: string): Promise<{ job: TestJob; trace: string }> => {
    const yaml = `job:\n  image: ${image}\n  script: ['echo "the image says: $(cat /etc/words)"', 'cat README.md']\n`;
    await world.project.commit({ files: { '.gitlab-ci.yml': yaml } });
    const job = (await world.project.runPipeline()).job('job');
    await waitFor(() => job.isOver, { what: 'the CI job to be over', deadlineMs: 120_000 }).catch(
      (error: unknown) => {
        const logs = world.service['gitlab-bridge'].logs().slice(-10).join('\n');
        throw new Error(`${String(error)}; it is ${job.state}; its trace:\n${job.trace.toString()}\n${logs}`);
      },
    );
    return { job, trace: job.trace.toString() };
  };

  /** Until the bridge has heard what a tag names. */
  const bridgeKnows = (tag: string, digest: string | undefined): Promise<unknown> =>
    waitFor(
      async () => {
        const { rows } = await database.query<{ digest: string | null }>(
          `select named.digest from published_tag named join published_tree using (registry, repository, digest)
           where tag = $1 and is_there`,
          [tag],
        );
        return rows[0]?.digest === digest || (rows.length === 0 && digest === undefined);
      },
      { what: `the bridge to know ${tag}`, deadlineMs: 60_000 },
    );

  it('runs from its tree where it was published before the bridge was there, and the trace says so', async () => {
    const { digest, path } = await publish('v1', 'one');
    await waitFor(
      async () => {
        const { items } = await world.ask<{ items: { digest?: string }[] }>(
          'GET',
          '/publications?state=published',
        );
        return items.some((item) => item.digest === digest);
      },
      { what: 'the registry to know it' },
    );
    await world.startBridge();
    const { url, schema } = world.database('gitlab-bridge');
    database = new Client({ connectionString: url, options: `-c search_path=${schema}` });
    await database.connect();
    await bridgeKnows('v1', digest);
    const { job, trace } = await run(`${images.host}/team/shell:v1`);
    expect({ state: job.state, trace }).toMatchObject({ state: 'success' });
    expect(trace).toContain(`Image ${images.host}/team/shell:v1 runs from ${path}`);
    expect(trace).toContain('\nthe image says: one\n');
    expect(trace).toContain('\n# Analysis\n');
  }, 300_000);

  it('that is not published yet is taken from its registry, and from its tree as soon as it is', async () => {
    const image = `${images.host}/team/shell:v2`;
    const before = await run(image);
    expect(before.trace).toContain(`it is not on ${cvmfsRepository} now, where the image rule team puts it`);
    // The registry speaks no TLS, which Apptainer would have to be told of.
    expect(before.trace).toMatch(/FATAL: .*docker:\/\//);
    expect(before.job.state).toBe('failed');
    const { digest, path } = await publish('v2', 'two');
    await bridgeKnows('v2', digest);
    const { job, trace } = await run(image);
    expect({ state: job.state, trace }).toMatchObject({ state: 'success' });
    expect(trace).toContain(`runs from ${path}`);
    expect(trace).toContain('\nthe image says: two\n');
  }, 300_000);

  it('whose tag moved is the new one, also by its digest, and no job begins from the old tree, which goes', async () => {
    const old = await publish('stable', 'old');
    const moved = await publish('stable', 'new');
    await bridgeKnows('stable', moved.digest);
    const { trace } = await run(`${images.host}/team/shell:stable`);
    expect(trace).toContain(`runs from ${moved.path}`);
    expect(trace).toContain('\nthe image says: new\n');
    const byDigest = await run(`${images.host}/team/shell@${moved.digest}`);
    expect(byDigest.trace).toContain(`team/shell@${moved.digest} runs from ${moved.path}`);
    expect(byDigest.trace).toContain('\nthe image says: new\n');
    const gone = await run(`${images.host}/team/shell@${old.digest}`);
    expect(gone.trace).toContain(`it is not on ${cvmfsRepository} now`);
  }, 300_000);

  it('that was unpublished meanwhile is not begun from its tree any more', async () => {
    const image = { registry: images.host, repository: 'team/shell', tag: 'v1' };
    await bus.publish(imageUnpublish, { cvmfsRepository, ...image, now: true });
    await bridgeKnows('v1', undefined);
    const { trace } = await run(`${images.host}/team/shell:v1`);
    expect(trace).not.toContain('runs from');
    expect(trace).toContain(`it is not on ${cvmfsRepository} now`);
    const elsewhere = await run(`${images.host}/other/shell:v1`);
    expect(elsewhere.trace).toContain('no image rule puts it on CVMFS');
  }, 300_000);
});
