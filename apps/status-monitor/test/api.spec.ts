import { houseTokens, type Identity } from '#access';
import { type GridJob, gridJobWithAll, jobGroup, jobGroupWithAll, type Page, pageOf, gridJob } from '#api';
import { waitFor } from '#lab';
import { openKeyRing } from '#secrets';
import { keyRingText } from '../../../test/stand-ins/registry.js';
import { attemptOf, MonitorWorld } from './monitor-world.js';

const admin: Identity = { subject: 'ada', name: 'ada', via: 'session', role: 'admin', groups: [] };
const owner: Identity = { subject: 'o', name: 'olga', via: 'session', role: 'member', groups: [] };
const stranger: Identity = { subject: 's', name: 'sam', via: 'session', role: 'member', groups: [] };
const narrow: Identity = { ...stranger, via: 'api-key', onlyProjects: ['other'] };
const tokens = houseTokens(openKeyRing(keyRingText));

// Real: RabbitMQ, PostgreSQL, the monitor as a process, HTTP. The batch system is a simulated one.
describe('the monitor’s API', () => {
  let world: MonitorWorld;
  let url: string;
  let first: string;
  let second: string;

  const ask = async (who: Identity | undefined, method: string, path: string, body?: object) => {
    const headers = { ...(who && { authorization: `Slipway ${tokens.issue(who)}` }) };
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      body: (await answer.json()) as object,
    };
  };
  const get = async <T>(path: string, who = admin): Promise<T> => (await ask(who, 'GET', path)).body as T;

  beforeAll(async () => {
    const projects = ['higgs', 'other'].map((name) => ({
      name,
      kind: 'repository',
      url: `https://example.org/${name}`,
      owners: ['olga'],
    }));
    world = await MonitorWorld.create({ testPath: import.meta.url, projects });
    ({ url } = await world.start());
    first = await world.queue(5, { name: 'first', user: { name: 'ada', groups: [] } });
    await world.submit(first, [0, 1, 2]);
    for (const index of [0, 1, 2]) await world.heard('job.waiting', first, index);
    second = await world.queue(1, { name: 'second' });
    await waitFor(async () => (await get<Page<object>>('groups')).items.length === 2, {
      what: 'both groups',
    });
  }, 60_000);
  afterAll(() => world.close());

  it('answers nobody but those whom the registry vouches for', async () => {
    expect(await ask(undefined, 'GET', 'groups')).toMatchObject({
      status: 401,
      type: expect.stringContaining('application/problem+json') as string,
      body: { code: 'access.unknown_token' },
    });
  });

  it('lists groups, the latest first, page by page', async () => {
    const page = pageOf(jobGroup).parse(await get('groups?limit=1'));
    expect(page.items).toMatchObject([
      { id: second, name: 'second', state: 'active', states: { queued: 1 } },
    ]);
    const next = pageOf(jobGroup).parse(await get(`groups?limit=1&cursor=${page.next ?? ''}`));
    expect(next.items).toMatchObject([{ id: first, user: 'ada', states: { queued: 2, waiting: 3 } }]);
    expect(next.next).toBeUndefined();
  });

  it.each([
    ['groups?user=ada', 1],
    ['groups?project=other', 0],
    ['groups?backend=pool&state=active', 2],
    ['groups?q=eco', 1],
    ['groups?since=2999-01-01T00:00:00Z', 0],
    ['jobs?state=waiting', 3],
    ['jobs?user=ada&state=queued', 2],
    ['jobs?q=job%204', 1],
    ['jobs?project=nothing', 0],
    ['jobs?since=2020-01-01T00:00:00Z&backend=pool', 6],
  ])('searches: %s', async (path, found) => {
    expect((await get<Page<object>>(path)).items).toHaveLength(found);
  });

  it('searches the jobs of all groups by project, state, user, backend and time, page by page', async () => {
    const old = await world.queue(3, {
      project: 'attic',
      backend: 'shed',
      user: { name: 'eve', groups: [] },
      requestedAt: '2020-02-02T12:00:00.000Z',
    });
    const of = async (query: string): Promise<readonly GridJob[]> => {
      const jobs: GridJob[] = [];
      for (let next: string | undefined = ''; next !== undefined;) {
        const page: Page<GridJob> = pageOf(gridJob).parse(
          await get(`jobs?limit=2&${query}&cursor=${next}`.replace(/&cursor=$/, '')),
        );
        expect(page.items.length).toBeLessThanOrEqual(2);
        jobs.push(...page.items);
        next = page.next;
      }
      return jobs;
    };
    await waitFor(async () => (await of('')).length === 9, { what: 'the jobs of three groups' });
    const ids = (await of('')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(9);
    expect((await of('')).map(({ groupId }) => groupId)).toEqual([
      ...Array<string>(3).fill(old),
      second,
      ...Array<string>(5).fill(first),
    ]);
    for (const query of ['project=attic', 'backend=shed', 'user=eve', 'until=2020-02-03T00:00:00Z'])
      expect([query, (await of(query)).map(({ groupId }) => groupId)]).toEqual([query, [old, old, old]]);
    for (const [query, found] of [
      ['project=higgs', 6],
      ['backend=pool', 6],
      ['user=ada', 5],
      ['since=2020-02-03T00:00:00Z', 6],
      ['state=waiting', 3],
      ['state=queued', 6],
      ['state=queued&project=higgs&backend=pool&user=ada&since=2020-02-03T00:00:00Z', 2],
      ['state=waiting&project=attic', 0],
      ['since=2020-02-02T12:00:00Z&until=2020-02-02T12:00:00Z', 0],
    ] as const)
      expect([query, (await of(query)).length]).toEqual([query, found]);
  });

  it('tells a group with what its jobs are, and its jobs in their order', async () => {
    expect(jobGroupWithAll.parse(await get(`groups/${first}`))).toMatchObject({
      id: first,
      template: { steps: [{ script: 'true' }] },
      totals: { logBytes: 0 },
    });
    const page = pageOf(gridJob).parse(await get(`groups/${first}/jobs?limit=3`));
    expect(page.items.map(({ index }) => index)).toEqual([0, 1, 2]);
    const rest = await get<Page<GridJob>>(`groups/${first}/jobs?limit=3&cursor=${page.next ?? ''}`);
    expect(rest.items.map(({ key }) => key)).toEqual(['job 3', 'job 4']);
    expect((await get<Page<GridJob>>(`groups/${first}/jobs?state=queued`)).items).toHaveLength(2);
  });

  it('tells a job with its attempts, and what each went through', async () => {
    const { jobId, attemptId } = attemptOf(first, 0);
    const job = gridJobWithAll.parse(await get(`jobs/${jobId}`));
    expect(job).toMatchObject({ groupName: 'first', variables: { N: '0' }, attemptId, state: 'waiting' });
    expect(job.attempts[0]?.timeline.map(({ state }) => state)).toEqual(['queued', 'submitted', 'waiting']);
  });

  it('shows nothing of another project to a key that was made narrow', async () => {
    expect((await get<Page<object>>('groups', narrow)).items).toEqual([]);
    expect((await get<Page<object>>('jobs', narrow)).items).toEqual([]);
    for (const path of [`groups/${first}`, `groups/${first}/jobs`, `jobs/${attemptOf(first, 0).jobId}`])
      expect((await ask(narrow, 'GET', path)).status).toBe(404);
    expect((await ask(narrow, 'POST', `groups/${first}/cancel`, {})).status).toBe(404);
  });

  it('cancels and retries for owners alone, and says what it concerned', async () => {
    expect((await ask(stranger, 'POST', `groups/${first}/cancel`, {})).status).toBe(403);
    const { jobId } = attemptOf(first, 1);
    expect(await ask(owner, 'POST', `jobs/${jobId}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'job.still_running' },
    });
    expect(await ask(owner, 'POST', `jobs/${jobId}/cancel`, { reason: 'wrong data' })).toMatchObject({
      status: 202,
      body: { jobs: 1 },
    });
    const { data } = await world.command('job.cancel', first);
    expect(data).toMatchObject({ indexes: [1], reason: { words: 'cancelled by olga: wrong data' } });
    const { attemptId } = attemptOf(first, 1);
    const reason = { fault: 'cancelled', words: 'removed' } as const;
    await world.ledger.report(attemptId, { from: 'submitter', state: 'cancelled', at: new Date(), reason });
    expect(await ask(owner, 'POST', `jobs/${jobId}/retry`)).toMatchObject({ status: 202, body: { jobs: 1 } });
    expect((await world.command('job.retry', first)).data).toMatchObject(attemptOf(first, 1, 2));
    const job = gridJobWithAll.parse(await get(`jobs/${jobId}`));
    expect(job).toMatchObject({
      state: 'queued',
      attempt: 2,
      attempts: [{ state: 'cancelled' }, { number: 2 }],
    });
    expect(await ask(owner, 'POST', `groups/${second}/cancel`)).toMatchObject({ body: { jobs: 1 } });
  });

  it.each([
    ['groups?state=odd', 400],
    ['groups?cursor=nonsense', 400],
    ['jobs?misspelt=1', 400],
    ['groups/none', 400],
    ['groups/6f1c2a0e-0b8e-4f5a-9d57-0d5c6a3f7a10', 404],
    ['jobs/6f1c2a0e-0b8e-4f5a-9d57-0d5c6a3f7a10', 404],
    ['attempts/6f1c2a0e-0b8e-4f5a-9d57-0d5c6a3f7a10/batch-log', 404],
    ['nothing', 404],
  ])('says what is wrong with %s', async (path, status) => {
    const answer = await ask(admin, 'GET', path);
    expect(answer).toMatchObject({ status, body: { status, detail: expect.any(String) as string } });
  });
});
