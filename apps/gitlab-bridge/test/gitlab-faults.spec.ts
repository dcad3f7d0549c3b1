import { waitFor } from '#lab';
import { BridgeWorld } from './bridge-world.js';

const curable = [408, 409, 429, 500, 502, 503, 504];

const counting = (lines: number): string =>
  `job:\n  script:\n    - for n in $(seq 1 ${lines}); do echo "line $n"; sleep 0.2; done\n    - echo all\n`;

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system. A GitLab of the
// tests, which answers as GitLab does on bad days.
describe('a CI job on a bad day of GitLab', () => {
  let world: BridgeWorld;

  beforeAll(async () => {
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      env: { SLIPWAY_TRACE_MS: '200', SLIPWAY_KEEP_ALIVE_MS: '1000' },
    });
    await world.start();
  }, 300_000);
  beforeEach(() => world.gitlab.faults.clear());
  afterAll(() => world.close());

  const linesOf = (trace: Buffer): readonly string[] => trace.toString().match(/^line \d+$/gm) ?? [];
  const expectLines = (trace: Buffer, lines: number): void =>
    expect(linesOf(trace)).toEqual(Array.from({ length: lines }, (_, n) => `line ${n + 1}`));

  it('gets through whatever passes, at every call', async () => {
    for (const call of ['request', 'trace', 'update']) {
      for (const status of curable) world.gitlab.faults.add({ call, status });
      world.gitlab.faults.add({ call, cut: true });
    }
    world.gitlab.faults.add({ call: 'trace', cut: true, afterwards: true });
    const job = await world.over(await world.queue(counting(10)), 90_000);
    expect(job.state).toBe('success');
    expectLines(job.trace, 10);
    expect(world.gitlab.complaints).toEqual([]);
  }, 120_000);

  it('waits as long as GitLab asks it to', async () => {
    const headers = { 'retry-after': '2' };
    world.gitlab.faults.add({ call: 'trace', status: 429, headers, times: 2 });
    const job = await world.over(await world.queue(counting(3)), 90_000);
    expect(job.state).toBe('success');
    const tries = world.gitlab.requestsOf('trace').filter(({ path }) => path.includes(`/jobs/${job.id}/`));
    const [first, second] = tries.filter(({ status }) => status === 429);
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(2_000);
  }, 120_000);

  it('sends the trace again from where GitLab wants it, and all of it when it differs', async () => {
    world.gitlab.limits.storingPuts = 3;
    const job = await world.queue(counting(10));
    await world.says(job, 'line 2\n');
    job.forgetTrace();
    await world.over(job);
    expect(job.state).toBe('success');
    // Of what GitLab lost, it says so by 416.
    expectLines(job.trace, 10);
    world.gitlab.faults.add({ call: 'update', status: 412, path: `/jobs/` });
    const next = await world.over(await world.queue(counting(2)));
    expect(next.state).toBe('success');
    world.gitlab.limits.storingPuts = 1;
  }, 120_000);

  it('whose end GitLab took without our hearing of it is not told as lost', async () => {
    const job = await world.queue(counting(15));
    await world.says(job, 'line 10\n');
    // Two that say that it runs may still come before the end, whose first answer says that the trace is being stored.
    world.gitlab.faults.add({
      call: 'update',
      path: `/jobs/${job.id}`,
      cut: true,
      afterwards: true,
      times: 4,
    });
    await world.over(job);
    const { data } = await world.recorder.waitFor('ci.job_finished', (said) => said['ciJobId'] === job.id);
    expect(data).toMatchObject({ outcome: 'succeeded' });
  }, 120_000);

  it('loses nothing while GitLab is away, from its middle to after its end', async () => {
    const complaints = world.gitlab.complaints.length;
    const job = await world.queue(counting(20));
    await world.says(job, 'line 2\n');
    const { data } = await world.recorder.waitFor('ci.job_received', (said) => said['ciJobId'] === job.id);
    expect(data).toMatchObject({ gitlabProject: 'lhcb/analysis', project: 'analysis' });
    await world.gitlab.goDown();
    const { rows } = await world.database.query<{ group_id: string }>(
      'select group_id from stage join ci_job on ci_job.id = stage.ci_job where ci_job_id = $1',
      [job.id],
    );
    await world.recorder.waitFor('job.succeeded', (said) => said['groupId'] === rows[0]?.group_id);
    await waitFor(
      async () => {
        const found = await world.database.query("select 1 from ci_job where phase = 'finishing'");
        return found.rows.length === 1;
      },
      { what: 'the job to wait for GitLab with its end' },
    );
    expect(job.isOver).toBe(false);
    await world.gitlab.comeBack();
    await world.over(job);
    expect(job.state).toBe('success');
    expectLines(job.trace, 20);
    expect(world.gitlab.complaints.slice(complaints)).toEqual([]);
  }, 120_000);
});
