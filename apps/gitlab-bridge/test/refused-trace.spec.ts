import { waitFor } from '#lab';
import type { TestJob } from '../../../test/gitlab/index.js';
import { BridgeWorld } from './bridge-world.js';

const always = 1_000_000;

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system. A GitLab of the
// tests, or what is before it, that does not take traces.
describe('a CI job whose trace is refused for good', () => {
  let world: BridgeWorld;

  beforeAll(async () => {
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      env: { SLIPWAY_TRACE_MS: '200', SLIPWAY_KEEP_ALIVE_MS: '300', SLIPWAY_LONGEST_RETRY_MS: '200' },
    });
    await world.start();
  }, 300_000);
  beforeEach(() => world.gitlab.faults.clear());
  afterAll(() => world.close());

  const finished = async ({ id }: TestJob): Promise<Readonly<Record<string, unknown>>> =>
    (await world.recorder.waitFor('ci.job_finished', (said) => said['ciJobId'] === id)).data;
  const givenUp = ({ id }: TestJob): readonly string[] =>
    world.bridges.flatMap((bridge) =>
      bridge
        .logs()
        .filter(
          (line) => line.includes('GitLab refuses the trace of a job') && line.includes(`"ciJob":${id},`),
        ),
    );

  it.each([
    [400, 'true', 'success'],
    [404, 'true', 'success'],
    [413, 'true', 'success'],
    [422, 'exit 3', 'failed'],
  ])(
    'with %d, has its artifacts and its end in GitLab all the same (%s: %s)',
    async (status, last, state) => {
      const job = await world.queue(
        `job: {script: [echo begun, echo x >x, ${last}], artifacts: {paths: [x], when: always}}\n`,
      );
      world.gitlab.faults.add({ call: 'trace', path: `/jobs/${job.id}/`, status, times: always });
      await world.over(job);
      expect([job.state, job.exitCode ?? 0]).toEqual([state, state === 'failed' ? 3 : 0]);
      expect(job.artifacts.map(({ type }) => type)).toEqual(['archive']);
      // What GitLab has of the trace is not what it was to have.
      expect(job.updates.at(-1)).not.toHaveProperty('checksum');
      const { outcome, lostTraceBytes } = await finished(job);
      expect(outcome).toBe(state === 'success' ? 'succeeded' : 'failed');
      expect(lostTraceBytes).toBeGreaterThan(100);
      expect(givenUp(job)).toHaveLength(1);
    },
    90_000,
  );

  it('hears that it is cancelled', async () => {
    const { length } = world.recorder.named('job.running');
    const job = await world.queue('job: {script: ["for n in $(seq 300); do sleep 0.2; done"]}\n');
    world.gitlab.faults.add({ call: 'trace', path: `/jobs/${job.id}/`, status: 400, times: always });
    await waitFor(() => world.recorder.named('job.running').length > length, { what: 'it to run' });
    world.project.cancel(job);
    await world.over(job);
    expect(job.state).toBe('canceled');
    expect(await finished(job)).toMatchObject({ outcome: 'cancelled' });
  }, 90_000);

  it('piece by piece where it is large, is sent in smaller ones', async () => {
    const job = await world.queue('job: {script: [seq 1 30000]}\n');
    const fault = { call: 'trace', path: `/jobs/${job.id}/`, status: 413, times: always };
    world.gitlab.faults.add({ ...fault, largerThan: 10_000 });
    await world.over(job);
    expect(job.state).toBe('success');
    expect(job.trace.toString().match(/^\d+$/gm)).toHaveLength(30_000);
    expect(await finished(job)).not.toHaveProperty('lostTraceBytes');
    expect(world.gitlab.complaints).toEqual([]);
  }, 90_000);
});
