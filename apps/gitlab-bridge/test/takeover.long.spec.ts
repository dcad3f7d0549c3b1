import type { SpawnedService } from '#lab';
import { waitFor } from '#lab';
import type { TestJob } from '../../../test/gitlab/index.js';
import { BridgeWorld } from './bridge-world.js';

const lines = 12;
const counting = `job:
  script:
    - for n in $(seq 1 ${lines}); do echo "line $n"; sleep 0.3; done
    - mkdir results && echo result > results/size.txt
  artifacts: { paths: [results] }
`;

// Real: RabbitMQ, PostgreSQL, two copies of the bridge, submitter and monitor as processes, this machine as batch
// system. A GitLab of the tests.
describe('a CI job whose bridge is killed', () => {
  let world: BridgeWorld;
  let copies: SpawnedService[];

  beforeAll(async () => {
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      env: { SLIPWAY_TRACE_MS: '200', SLIPWAY_KEEP_ALIVE_MS: '1000' },
    });
    copies = [await world.start(), await world.start()];
  }, 300_000);
  beforeEach(() => world.gitlab.faults.clear());
  afterAll(() => world.close());

  /** Nobody knows which of the copies has the job: all are killed, and others started. */
  const killAll = async (): Promise<void> => {
    await Promise.all(copies.map((copy) => copy.kill('SIGKILL')));
    copies = await Promise.all([world.start(), world.start()]);
  };

  const inPhase = (phase: string): Promise<unknown> =>
    waitFor(
      async () => {
        const { rows } = await world.database.query('select 1 from ci_job where phase = $1', [phase]);
        return rows.length === 1;
      },
      { what: `a job in the phase ${phase}`, intervalMs: 10, deadlineMs: 60_000 },
    );

  const expectWhole = async (job: TestJob): Promise<void> => {
    await world.over(job, 90_000);
    expect(job.state).toBe('success');
    const found = job.trace.toString().match(/^line \d+$/gm) ?? [];
    expect(found).toEqual(Array.from({ length: lines }, (_, n) => `line ${n + 1}`));
    expect(job.trace.toString().match(/Job succeeded/g)).toHaveLength(1);
    expect(job.artifacts.filter(({ type }) => type === 'archive')).toHaveLength(1);
    expect(job.updates.filter(({ state }) => state === 'success').length).toBeGreaterThan(0);
    expect(world.gitlab.complaints).toEqual([]);
    // What was said and not yet struck out is said again under the same id: it is one message.
    const said = (name: string): number =>
      new Set(
        world.recorder
          .named(name)
          .filter(({ data }) => data['ciJobId'] === job.id)
          .map(({ id }) => id),
      ).size;
    await world.recorder.waitFor('ci.job_finished', (data) => data['ciJobId'] === job.id);
    expect([said('ci.job_received'), said('ci.job_finished')]).toEqual([1, 1]);
  };

  it('as it is given the job, goes on', async () => {
    const job = await world.queue(counting);
    await waitFor(() => job.state === 'running', { what: 'the job to be taken', intervalMs: 5 });
    await world.recorder.waitFor('ci.job_received', (data) => data['ciJobId'] === job.id);
    await killAll();
    await expectWhole(job);
  }, 180_000);

  it('while it works, goes on where the trace stood', async () => {
    const job = await world.queue(counting);
    await world.says(job, 'line 4\n');
    await killAll();
    await expectWhole(job);
  }, 180_000);

  it('while its artifacts are on their way, delivers them once', async () => {
    world.gitlab.faults.add({ call: 'upload', delayMs: 5_000 });
    const job = await world.queue(counting);
    await inPhase('delivering');
    await killAll();
    await expectWhole(job);
  }, 180_000);

  it('as it tells its end, tells it', async () => {
    world.gitlab.limits.storingPuts = 4;
    const job = await world.queue(counting);
    await inPhase('finishing');
    await killAll();
    await expectWhole(job);
    world.gitlab.limits.storingPuts = 1;
  }, 180_000);

  it('is left at once to another copy by one that is stopped', async () => {
    const job = await world.queue(counting);
    await world.says(job, 'line 2\n');
    const [first] = copies;
    await first?.kill('SIGTERM');
    expect(await first?.exited).toBe(0);
    await expectWhole(job);
  }, 180_000);

  it('is stopped in time though GitLab holds its question for a job', async () => {
    world.gitlab.limits.longPollMs = 60_000;
    const isHeld = (): boolean =>
      world.gitlab.requestsOf('request').some(({ endedAt }) => endedAt === undefined);
    await waitFor(isHeld, { what: 'a question that is held' });
    const stopped = copies;
    copies = [];
    await Promise.all(stopped.map((copy) => copy.kill('SIGTERM')));
    expect(await Promise.all(stopped.map(({ exited }) => exited))).toEqual(stopped.map(() => 0));
    world.gitlab.limits.longPollMs = 1_000;
    copies = [await world.start(), await world.start()];
  }, 180_000);

  it('and many jobs are taken and ended once each by two copies', async () => {
    copies = [...copies.slice(1), await world.start()];
    const yaml = Array.from({ length: 12 }, (_, n) => `job${n}: {script: [echo "I am ${n}"]}\n`).join('');
    await world.project.commit({ files: { '.gitlab-ci.yml': yaml } });
    const pipeline = await world.project.runPipeline();
    for (const job of pipeline.jobs()) {
      await world.over(job, 120_000);
      expect(job.state).toBe('success');
      expect(job.trace.toString().match(/^I am \d+$/gm)).toHaveLength(1);
      expect(job.updates.filter(({ state }) => state === 'success').length).toBeLessThanOrEqual(2);
    }
    expect(world.gitlab.complaints).toEqual([]);
  }, 240_000);
});
