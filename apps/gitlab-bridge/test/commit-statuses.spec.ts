import { randomUUID } from 'node:crypto';
import { commitStatusSet, gitlabServerResource, projectResource } from '#contracts';
import { createOutbox, openDatabase, OutboxMessage } from '#database';
import { GitLabServer } from '#gitlab';
import { isolatedSchema, waitFor } from '#lab';
import { createLogger, createScrubber } from '#service';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { startGitLab, type TestGitLab, type TestProject } from '../../../test/gitlab/index.js';
import type { CommitState } from '../src/domain/commit-status.js';
import { StatusIntake } from '../src/statuses/status-intake.js';
import { StatusSender } from '../src/statuses/status-sender.js';
import { CommitStatusStore } from '../src/storage/commit-status.store.js';
import { CommitStatuses1830000100000 } from '../src/storage/migrations/1830000100000-commit-statuses.js';

class Outbox1820000000000 implements MigrationInterface {
  up(runner: QueryRunner): Promise<void> {
    return createOutbox(runner);
  }
  async down(): Promise<void> {}
}

const log = createLogger({ service: 'gitlab-bridge', level: 'silent', scrubber: createScrubber() });

describe('commit statuses, with PostgreSQL and GitLab', () => {
  let gitlab: TestGitLab;
  let project: TestProject;
  let token: string;
  let sha: string;
  let dataSource: DataSource;
  let store: CommitStatusStore;
  let server: GitLabServer;
  let senders: StatusSender[] = [];

  beforeAll(async () => {
    gitlab = await startGitLab();
    const ada = gitlab.addPerson('ada');
    token = gitlab.addToken(ada);
    project = await gitlab.createProject({ files: { a: 'b' }, owner: ada });
    dataSource = await openDatabase({
      ...(await isolatedSchema(import.meta.url)),
      entities: [OutboxMessage],
      migrations: [Outbox1820000000000, CommitStatuses1830000100000],
    });
    store = new CommitStatusStore(dataSource);
    server = new GitLabServer(gitlab.url);
  });
  beforeEach(async () => {
    await dataSource.query('truncate commit_status, outbox');
    gitlab.faults.clear();
    sha = await project.commit({ files: { a: randomUUID() } });
  });
  afterEach(async () => {
    await Promise.all(senders.map((sender) => sender.stop()));
    senders = [];
  });
  afterAll(async () => {
    await server.close();
    await dataSource.destroy();
    await gitlab.close();
  });

  const account = { name: 'main', credential: 'api' };
  const servers = () => [gitlabServerResource.schema.parse({ ...account, url: gitlab.url })];
  const configured = () => ({
    projects: [
      projectResource.schema.parse({
        name: 'higgs',
        url: `${gitlab.url}/${project.path}`,
        path: project.path,
        gitlabId: project.id,
      }),
    ],
    imageRules: [],
    gitlabServers: servers(),
    gitlab: (name: string) => servers().find((one) => one.name === name),
    secretOf: () => token,
  });

  function startSender(given: { giveUpMs?: number } = {}): StatusSender {
    const sender = new StatusSender({
      store,
      configured: configured(),
      server: () => server,
      longestRetryMs: 200,
      giveUpMs: given.giveUpMs ?? 3_600_000,
      keepDays: 30,
      said: () => {},
      log,
    });
    senders.push(sender);
    sender.start();
    return sender;
  }

  const intake = (pauseMs = 0): StatusIntake =>
    new StatusIntake({
      store,
      configured: configured(),
      consoleUrl: 'https://slipway.example.org/',
      pauseMs,
      traceparent: () => undefined,
      noted: () => void senders.map((sender) => sender.wake()),
      log,
    });

  let second = 0;
  /** Says how a group goes that works on the commit. */
  async function say(groupId: string, state: CommitState, given: { pauseMs?: number; labels?: object } = {}) {
    const labels = { gitlab: 'main', 'gitlab.project': project.path, 'gitlab.sha': sha, ...given.labels };
    const at = new Date(Date.UTC(2026, 2, 1) + ++second * 1_000);
    const word = { workId: groupId, groupId, state, at, description: `it is ${state}` };
    await intake(given.pauseMs).group({ groupId, name: 'nightly', project: 'higgs', labels }, word);
  }

  const shown = () => project.statuses.filter((status) => status.sha === sha);
  const open = async (): Promise<number> => {
    const [row] = await dataSource.query<{ count: number }[]>(
      'select count(*)::int as count from commit_status where is_open',
    );
    return row?.count ?? -1;
  };
  const untilTold = () => waitFor(async () => (await open()) === 0, { what: 'all that was said' });

  it('show how work goes, with a link, and the house hears that they do', async () => {
    startSender();
    const group = randomUUID();
    for (const state of ['pending', 'running', 'success'] as const) {
      await say(group, state);
      await untilTold();
    }
    expect(shown()).toMatchObject([
      {
        name: 'nightly',
        history: ['pending', 'running', 'success'],
        targetUrl: `https://slipway.example.org/jobs/groups/${group}`,
        description: 'it is success',
      },
    ]);
    const said = await dataSource.query<{ routing_key: string; payload: object }[]>(
      'select routing_key, payload from outbox order by position',
    );
    expect(said.map(({ routing_key }) => routing_key)).toEqual(Array(3).fill(commitStatusSet.routingKey));
    expect(said[2]?.payload).toMatchObject({ state: 'success', sha, pipelineId: shown()[0]?.pipelineId });
  });

  it('are told once where much happens at once, and the end at once', async () => {
    startSender();
    const group = randomUUID();
    await say(group, 'pending', { pauseMs: 3_600_000 });
    await say(group, 'running', { pauseMs: 3_600_000 });
    expect(shown()).toEqual([]);
    await say(group, 'failed', { pauseMs: 3_600_000 });
    await untilTold();
    expect(shown().map(({ history }) => history)).toEqual([['failed']]);
  });

  it('change nothing when a message comes twice, late or in disorder', async () => {
    startSender();
    const group = randomUUID();
    const labels = { gitlab: 'main', 'gitlab.project': project.path, 'gitlab.sha': sha };
    const word = (state: CommitState, at: number) => ({ workId: group, state, at: new Date(at) });
    const hear = (state: CommitState, at: number) =>
      intake().group({ groupId: group, name: 'n', project: 'higgs', labels }, word(state, at));
    for (const [state, at] of [
      ['success', 30],
      ['running', 20],
      ['success', 30],
      ['pending', 10],
    ] as const) {
      await hear(state, at);
      await untilTold();
    }
    expect(shown().map(({ history }) => history)).toEqual([['success']]);
  });

  it.each([408, 409, 429, 500, 502, 503, 504])('are told again after %d', async (status) => {
    const headers = { 'Retry-After': '1' };
    const fault = gitlab.faults.add({ call: 'status', status, times: 2, ...(status === 429 && { headers }) });
    startSender();
    await say(randomUUID(), 'success');
    await untilTold();
    expect(fault.left()).toBe(0);
    expect(shown().map(({ history }) => history)).toEqual([['success']]);
  });

  it.each([400, 422])('that GitLab calls wrong by %d are not told again', async (status) => {
    const fault = gitlab.faults.add({ call: 'status', status, times: 2 });
    startSender();
    await say(randomUUID(), 'success');
    await untilTold();
    expect(fault.left()).toBe(1);
    gitlab.faults.clear();
    expect(shown()).toEqual([]);
  });

  it('go on where the answer was lost after GitLab took one', async () => {
    gitlab.faults.add({ call: 'status', cut: true, afterwards: true });
    startSender();
    const group = randomUUID();
    await say(group, 'running');
    await untilTold();
    await say(group, 'success');
    await untilTold();
    expect(shown().map(({ history }) => history)).toEqual([['running', 'success']]);
  });

  it('lose no end while GitLab is away, and keep the order of what ended there', async () => {
    await gitlab.goDown();
    startSender();
    const [first, next] = [randomUUID(), randomUUID()];
    await say(first, 'running');
    await say(first, 'failed');
    await say(next, 'running');
    await say(next, 'success');
    await waitFor(
      async () => {
        const rows = await dataSource.query<{ tries: number }[]>('select tries from commit_status');
        return rows.some(({ tries }) => tries > 1);
      },
      { what: 'vain tries' },
    );
    await gitlab.comeBack();
    await untilTold();
    expect(shown().map(({ history }) => history)).toEqual([['failed'], ['success']]);
  });

  it('show the newest work of a name: what is unfinished of an older one is told no more', async () => {
    startSender();
    const [older, newer] = [randomUUID(), randomUUID()];
    await say(older, 'running');
    await untilTold();
    await say(newer, 'running');
    await say(older, 'failed');
    await say(newer, 'success');
    await untilTold();
    expect(shown().at(-1)?.history.at(-1)).toBe('success');
    expect(shown().flatMap(({ history }) => history)).not.toContain('failed');
  });

  it('show work again that is tried again after its end', async () => {
    startSender();
    const group = randomUUID();
    for (const state of ['running', 'failed', 'running', 'success'] as const) {
      await say(group, state);
      await untilTold();
    }
    expect(shown().map(({ history }) => history)).toEqual([
      ['running', 'failed'],
      ['running', 'success'],
    ]);
  });

  it('are told by any copy, each once', async () => {
    for (let copy = 0; copy < 3; copy++) startSender();
    const names = Array.from({ length: 20 }, (_, index) => `check-${index}`);
    await Promise.all(
      names.map((name) => say(randomUUID(), 'success', { labels: { 'gitlab.status': name } })),
    );
    await untilTold();
    expect(shown()).toHaveLength(20);
    expect(gitlab.requestsOf('status').filter(({ path }) => path.includes(sha))).toHaveLength(20);
  });

  it('are taken over from a copy that died with them in its hand', async () => {
    await say(randomUUID(), 'success');
    const taken = await store.take(10, 1);
    expect(taken).toHaveLength(1);
    startSender();
    await untilTold();
    expect(shown().map(({ history }) => history)).toEqual([['success']]);
    // The dead one's last words count no more.
    await Promise.all(taken.map((status) => store.told(status, {})));
    expect(await dataSource.query('select * from outbox')).toHaveLength(1);
  });

  it('of another project are not set, whatever the labels say', async () => {
    const other = await gitlab.createProject({ path: 'lhcb/other', files: { a: 'b' } });
    await say(randomUUID(), 'success', { labels: { 'gitlab.project': other.path } });
    await say(randomUUID(), 'success', { labels: { 'gitlab.project': String(other.id) } });
    await say(randomUUID(), 'success', { labels: { gitlab: 'elsewhere' } });
    expect(await dataSource.query('select * from commit_status')).toEqual([]);
  });

  it.each([401, 403, 404])('that GitLab refuses by %d wait for an admin, and end at last', async (status) => {
    const fault = gitlab.faults.add({ call: 'status', status, times: 2 });
    const sender = startSender();
    await say(randomUUID(), 'success');
    const problem = async (): Promise<string> => {
      const [row] = await dataSource.query<{ problem: string | null }[]>('select problem from commit_status');
      return row?.problem ?? '';
    };
    await waitFor(async () => (await problem()).includes(`${status}`), { what: 'a refusal' });
    await sender.stop();
    await dataSource.query('update commit_status set due_at = now()');
    startSender({ giveUpMs: 0 });
    await untilTold();
    expect([fault.left(), shown()]).toEqual([0, []]);
  });
});
