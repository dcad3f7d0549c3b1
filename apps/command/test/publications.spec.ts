import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imagePublished, imagePublishFailed, imagePublishing, imageQueued } from '#contracts';
import { waitFor } from '#lab';
import { type CommandWorld, commandWorld } from './command-world.js';

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
const image = (tag: string) => ({
  cvmfsRepository: 'unpacked.example.org',
  registry: 'registry.example.org',
  repository: 'atlas/analysis',
  tags: [tag],
  digest: `sha256:${tag.at(-1)?.repeat(64)}`,
  platform: 'linux/amd64',
});
const nameOf = (tag: string): string => `registry.example.org/atlas/analysis:${tag}`;
const result = {
  path: '/cvmfs/unpacked.example.org/.flat/ab',
  links: [],
  files: 3,
  directories: 1,
  bytes: 1_500_000,
  attempt: 1,
  seconds: { total: 1 },
};

// Real: the registry as a process, RabbitMQ, PostgreSQL, the command as a process. What the publisher says is said by the test.
describe('publications, events and dead letters by the command', () => {
  let world: CommandWorld;
  let bus: Bus;

  beforeAll(async () => {
    world = await commandWorld(import.meta.url);
    await world.run(['login', world.registry.url, '--key-stdin'], { stdin: world.bootstrapKey });
    bus = connectBus({ url: world.amqpUrl, service: 'cvmfs-publisher', logger: silentLogger });
    await bus.started();
  }, 120_000);
  afterAll(async () => {
    await bus.close();
    await world.close();
  });

  /** The command while it runs. */
  const started = (...args: string[]) => {
    const env = { PATH: process.env['PATH'], HOME: world.directory };
    const child = spawn(process.execPath, [main, ...args], { cwd: world.directory, env });
    const written = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
    return { written, ended, interrupt: () => child.kill('SIGINT') };
  };
  const queued = (tag: string) =>
    bus.publish(imageQueued, {
      ...image(tag),
      because: 'requested',
      attempt: 0,
      requestedAt: new Date().toISOString(),
    });
  const listed = (tag: string, state: string) =>
    waitFor(
      async () => {
        const { items } = await world.json<{ items: object[] }>(
          'publications',
          'list',
          '--tag',
          tag,
          '--state',
          state,
        );
        return items.length > 0;
      },
      { what: `${tag} ${state}` },
    );

  it('are listed and shown, and say why an image is not there yet', async () => {
    await queued('v1');
    await listed('v1', 'waiting');
    expect((await world.run(['publications', 'list'])).stdout).toMatch(
      /^STATE .*\nwaiting +registry\.example\.org\/atlas\/analysis:v1/,
    );
    const why = await world.run(['publications', 'why', nameOf('v1')]);
    expect(why).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${nameOf('v1')} in unpacked.example.org: It has waited`),
    });
    await bus.publish(imagePublished, { ...image('v1'), ...result });
    await listed('v1', 'published');
    expect((await world.run(['publications', 'why', nameOf('v1')])).stdout).toContain(`is there since`);
    expect((await world.run(['publications', 'show', nameOf('v1')])).stdout).toMatch(
      /state +published, [\s\S]*3 files, 1\.5 MB[\s\S]*history/,
    );
  });

  it('that nobody has heard of are told so: why in a sentence, show with exit code 3', async () => {
    const why = await world.run(['publications', 'why', nameOf('v9')]);
    expect(why).toMatchObject({ code: 0, stdout: expect.stringContaining('No image rule matches it') });
    expect(await world.run(['publications', 'show', nameOf('v9')])).toMatchObject({ code: 3 });
    expect(await world.run(['publications', 'why', 'no image'])).toMatchObject({ code: 2 });
  });

  it('are watched until they are there', async () => {
    await queued('v2');
    await listed('v2', 'waiting');
    const watching = started('publications', 'watch', nameOf('v2'));
    await waitFor(() => watching.written.stdout.includes('waiting'), { what: 'the first line' });
    await bus.publish(imagePublishing, {
      ...image('v2'),
      step: 'fetch',
      attempt: 1,
      bytesDone: 50,
      bytesTotal: 100,
    });
    await bus.publish(imagePublished, { ...image('v2'), ...result });
    expect(await watching.ended).toBe(0);
    expect(watching.written.stdout).toMatch(/waiting .*\nfetch .*25 %.*50 B of 100 B\npublished .*100 %/);
  });

  it('that fail end the watch with exit code 1 and the reason', async () => {
    await queued('v3');
    await listed('v3', 'waiting');
    const watching = started('publications', 'watch', nameOf('v3'));
    await waitFor(() => watching.written.stdout.includes('waiting'), { what: 'the first line' });
    const failure = {
      step: 'unpack' as const,
      code: 'layer.path_escapes',
      reason: 'a layer leads outside',
      attempt: 1,
    };
    await bus.publish(imagePublishFailed, {
      ...image('v3'),
      ...failure,
      willRetry: false,
      seconds: { total: 1 },
    });
    expect(await watching.ended).toBe(1);
    expect(watching.written.stderr).toContain('a layer leads outside');
  });

  it('are asked for now, and taken away, after a question', async () => {
    await world.run(['cvmfs-repositories', 'create', 'unpacked.example.org']);
    const asked = await world.run([
      'publications',
      'publish',
      nameOf('v5'),
      '--cvmfs-repository',
      'unpacked.example.org',
    ]);
    expect(asked).toMatchObject({
      code: 0,
      stdout: `asked to publish ${nameOf('v5')} in unpacked.example.org\n`,
    });
    expect(await world.run(['publications', 'unpublish', nameOf('v1')])).toMatchObject({ code: 2 });
    expect(await world.run(['publications', 'unpublish', nameOf('v1'), '--yes'])).toMatchObject({ code: 0 });
  });

  it('events are shown as they happen, to people and to programs, and Ctrl-C ends it', async () => {
    const people = started('events', 'tail', '--type', 'image.*');
    const programs = started('events', 'tail', '--type', 'image.*', '--json', '--count', '1');
    await waitFor(() => people.written.stderr.includes('listening'), { what: 'listening' });
    // The one for programs says nothing when it listens, so it is told until it has heard.
    await waitFor(async () => (await queued('v4'), programs.written.stdout !== ''), { what: 'an event' });
    expect(await programs.ended).toBe(0);
    expect(JSON.parse(programs.written.stdout.split('\n')[0] ?? '')).toMatchObject({
      name: 'image.queued',
      data: { tags: ['v4'] },
    });
    await waitFor(() => people.written.stdout !== '', { what: 'an event for people' });
    expect(people.written.stdout).toMatch(
      /image\.queued +unpacked\.example\.org\/registry\.example\.org\/atlas\/analysis@sha256:444444444444…/,
    );
    people.interrupt();
    expect(await people.ended).toBe(130);
  });

  it('dead letters are listed, shown, replayed and dropped', async () => {
    const queue = 'registry.publications';
    const broker = await connect(world.amqpUrl);
    const channel = await broker.createConfirmChannel();
    const id = randomUUID();
    const headers = {
      cloudEvents_specversion: '1.0',
      cloudEvents_id: id,
      cloudEvents_source: '/test',
      cloudEvents_type: imageQueued.type,
    };
    channel.publish('slipway.events', imageQueued.routingKey, Buffer.from('{"wrong":true}'), {
      headers,
      contentType: 'application/json',
      messageId: id,
    });
    await channel.waitForConfirms();
    const buried = () =>
      waitFor(
        async () =>
          (await world.json<{ items: { id: string }[] }>('dead-letters', 'list', queue)).items.some(
            (each) => each.id === id,
          ),
        { what: 'the dead letter' },
      );
    await buried();
    expect((await world.run(['dead-letters', 'list'])).stdout).toMatch(
      new RegExp(`QUEUE .*\\n.*invalid.*${id}`),
    );
    expect((await world.run(['dead-letters', 'show', queue, id])).stdout).toContain('wrong: true');
    expect(await world.run(['dead-letters', 'replay', queue, '--all'])).toMatchObject({
      code: 0,
      stdout: `replayed 1 dead letter of ${queue}\n`,
    });
    await buried();
    expect(await world.run(['dead-letters', 'drop', queue, id])).toMatchObject({ code: 2 });
    expect(await world.run(['dead-letters', 'drop', queue, id, '--yes'])).toMatchObject({ code: 0 });
    expect(await world.json('dead-letters', 'list', queue)).toEqual({ items: [] });
    expect(await world.run(['dead-letters', 'show', queue, id])).toMatchObject({ code: 3 });
    await broker.close();
  });

  it('the doctor says what is well and what is not, and what to do', async () => {
    const well = await world.run(['doctor']);
    expect(well.stdout).toMatch(/ok +sign-in: .*admin, by api-key/);
    expect(well.stdout).toMatch(/ok +registry: database: /);
    const settings = world.file(
      'slipway.yml',
      'cvmfsRepositories:\n  - { name: gone.example.org, driver: directory, path: /nowhere/cvmfs }\nsources: []\n',
    );
    const ill = await world.run(['doctor', '--local', '-f', settings], {
      env: {
        SLIPWAY_AMQP_URL: world.amqpUrl,
        SLIPWAY_POSTGRES_URL: 'postgres://user:planted@127.0.0.1:1/none',
      },
    });
    expect(ill.code).toBe(1);
    expect(ill.stdout).toMatch(/ok +Node: /);
    expect(ill.stdout).toMatch(/ok +broker: RabbitMQ /);
    expect(ill.stdout).toMatch(
      /fail +database: [^\n]*\n +→ is PostgreSQL up at postgres:\/\/127\.0\.0\.1:1\/none/,
    );
    expect(ill.stdout).toMatch(
      /fail +CVMFS gone\.example\.org: there is no directory \/nowhere\/cvmfs\n +→ mkdir -p/,
    );
    expect(ill.stdout).not.toContain('planted');
  });
});
