import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, silentLogger } from '#bus';
import { commitSetStatus, groupFinished, groupProgressed } from '#contracts';
import { directoryEnvironment, partnersEnvironment } from '#embedded';
import { isolatedSchema, isolatedVhost, type SpawnedService, spawnService, waitFor } from '#lab';
import { startGitLab, type TestGitLab, type TestProject } from '../../../test/gitlab/index.js';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { keyRingText } from '../../../test/stand-ins/registry.js';

// Real: RabbitMQ, PostgreSQL, the bridge as a process. A GitLab of the tests.
describe('commit statuses of a bridge that is killed', () => {
  let gitlab: TestGitLab;
  let project: TestProject;
  let directory: string;
  let bus: Bus;
  let recorder: Recorder;
  let env: Readonly<Record<string, string>>;
  const bridges: SpawnedService[] = [];

  beforeAll(async () => {
    gitlab = await startGitLab();
    project = await gitlab.createProject({ path: 'lhcb/analysis', files: { a: 'b' } });
    directory = await mkdtemp(join(tmpdir(), 'slipway-statuses-'));
    const bot = gitlab.addPerson('bot');
    project.addMember(bot, 30);
    await writeFile(join(directory, 'api'), gitlab.addToken(bot), { mode: 0o600 });
    const file = {
      projects: [{ name: 'analysis', url: `${gitlab.url}/lhcb/analysis`, path: 'lhcb/analysis' }],
      gitlabServers: [{ name: 'main', url: gitlab.url, credential: 'api' }],
      credentials: [{ name: 'api', type: 'gitlab-api-token', secret: { file: join(directory, 'api') } }],
    };
    const own = directoryEnvironment(directory);
    await writeFile(own.SLIPWAY_CONFIG, JSON.stringify(file));
    const { url: amqpUrl } = await isolatedVhost(import.meta.url);
    const postgres = await isolatedSchema(import.meta.url);
    env = {
      ...own,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText, postgres }),
      SLIPWAY_CONSOLE_URL: 'https://slipway.example.org',
      SLIPWAY_STATUS_PAUSE_MS: '10',
      SLIPWAY_LONGEST_RETRY_MS: '200',
    };
    bus = connectBus({ url: amqpUrl, service: 'test', logger: silentLogger });
    await bus.started();
    recorder = await recordEvents(amqpUrl);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(bridges.map((bridge) => bridge.kill('SIGKILL')));
    await Promise.allSettled([bus.close(), recorder.close(), gitlab.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  async function start(): Promise<SpawnedService> {
    const bridge = await spawnService('gitlab-bridge', env);
    bridges.push(bridge);
    return bridge;
  }

  async function group(): Promise<{ sha: string; runs: () => Promise<void>; ends: () => Promise<void> }> {
    const sha = await project.commit({ files: { a: randomUUID() } });
    const labels = { gitlab: 'main', 'gitlab.project': project.path, 'gitlab.sha': sha };
    const said = { groupId: randomUUID(), name: 'nightly', project: 'analysis', labels, jobs: 2 };
    const at = (): string => new Date().toISOString();
    return {
      sha,
      runs: () => bus.publish(groupProgressed, { ...said, at: at(), states: { running: 2 } }),
      ends: () =>
        bus.publish(groupFinished, { ...said, at: at(), states: { succeeded: 2 }, outcome: 'succeeded' }),
    };
  }

  const states = (sha: string) =>
    project.statuses.filter((one) => one.sha === sha).map(({ history }) => history);

  it('reach GitLab by the next one, whether it died before it could tell or with one on its way', async () => {
    const first = await start();
    const [waiting, onItsWay] = [await group(), await group()];
    await onItsWay.runs();
    await waitFor(() => states(onItsWay.sha).length === 1, { what: 'running' });
    const held = gitlab.faults.add({ call: 'status', delayMs: 30_000, cut: true });
    await onItsWay.ends();
    await waitFor(() => held.left() === 0, { what: 'a status on its way' });
    gitlab.faults.add({ call: 'status', status: 503, times: 1_000 });
    const before = gitlab.requestsOf('status').length;
    await waiting.ends();
    await waitFor(() => gitlab.requestsOf('status').length > before, { what: 'a try in vain' });
    await first.kill('SIGKILL');
    gitlab.faults.clear();
    await start();
    await waitFor(() => states(waiting.sha).length === 1, { what: 'the one that waited' });
    await waitFor(() => states(onItsWay.sha)[0]?.at(-1) === 'success', {
      what: 'the one on its way',
      deadlineMs: 60_000,
    });
    expect(states(waiting.sha)).toEqual([['success']]);
    expect(states(onItsWay.sha)).toEqual([['running', 'success']]);
    await recorder.waitFor(
      'commit.status_set',
      ({ sha, state }) => sha === onItsWay.sha && state === 'success',
    );
  }, 150_000);

  it('are told by command, too', async () => {
    const sha = await project.commit({ files: { a: randomUUID() } });
    await bus.publish(commitSetStatus, {
      workId: randomUUID(),
      project: 'analysis',
      gitlab: 'main',
      gitlabProject: project.path,
      sha,
      name: 'image',
      state: 'failed',
      description: 'no such image',
      targetUrl: 'https://slipway.example.org/publications/1',
      at: new Date().toISOString(),
    });
    await waitFor(() => states(sha).length === 1, { what: 'the status' });
    expect(project.statuses.find((one) => one.sha === sha)).toMatchObject({
      name: 'image',
      history: ['failed'],
      description: 'no such image',
      targetUrl: 'https://slipway.example.org/publications/1',
    });
  });
});
