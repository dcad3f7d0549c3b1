import { waitFor } from '#lab';
import type { TestJob } from '../../../test/gitlab/index.js';
import { registered } from './bridge-settings.js';
import { BridgeWorld } from './bridge-world.js';

// Not for ever: a test that fails must not leave it behind.
const waits = 'for n in $(seq 300); do sleep 0.2; done';
// So it hears of a cancellation with what it says; one that is silent asks for it, after 20 s.
const speaks = 'for n in $(seq 300); do echo "$n"; sleep 0.2; done';

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system with one place,
// the job's own script and curl. A GitLab of the tests.
describe('a CI job that does not end by itself', () => {
  let world: BridgeWorld;

  beforeAll(async () => {
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      backend: { jobs: 1 },
      furtherBackends: [{ name: 'pool', kind: 'htcondor', tools: '/nowhere' }],
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      projects: (gitlab) => [registered(gitlab)],
    });
    await world.start({ SLIPWAY_TRACE_LIMIT: '40000', SLIPWAY_KEEP_ALIVE_MS: '500' });
  }, 300_000);
  afterAll(() => world.close());

  const finished = (ciJobId: number): Promise<Readonly<Record<string, unknown>>> =>
    world.recorder.waitFor('ci.job_finished', (said) => said['ciJobId'] === ciJobId).then(({ data }) => data);

  it('that is cancelled while it runs does its after_script, and GitLab has its whole trace and its artifacts', async () => {
    const job = await world.queue(
      `job:\n  script: ['echo half >half', echo begun, '${speaks}']\n  after_script: [echo tidied up]\n  artifacts: {paths: [half], when: always}\n`,
    );
    await world.says(job, 'begun\n');
    world.project.cancel(job);
    expect(job.state).toBe('canceling');
    await world.over(job);
    expect(job.updates.at(-1)).toMatchObject({ state: 'failed' });
    expect(job.trace.toString()).toMatch(
      /tidied up\n[^]*half: found 1 [^]*"archive" to GitLab... 201 Created/,
    );
    expect(job.artifacts.map(({ type }) => type)).toEqual(['archive']);
    expect(job.state).toBe('canceled');
    expect(await finished(job.id)).toMatchObject({ outcome: 'cancelled' });
  }, 120_000);

  it('that is cancelled brings no artifacts that are for its success alone', async () => {
    const job = await world.queue(
      `job:\n  script: ['echo half >half', echo begun, '${waits}']\n  artifacts: {paths: [half]}\n`,
    );
    await world.says(job, 'begun\n');
    world.project.cancel(job);
    await world.over(job);
    expect(job.artifacts).toEqual([]);
    expect(await finished(job.id)).toMatchObject({ outcome: 'cancelled' });
  }, 120_000);

  it('that is cancelled while it waits for a place ends at once', async () => {
    const first = await world.queue(`job:\n  script: [echo begun, '${waits}']\n`);
    await world.says(first, 'begun\n');
    const second = await world.queue('job:\n  script: [echo never]\n');
    await waitFor(() => second.state === 'running', { what: 'the second job to be taken' });
    world.project.cancel(second);
    await world.over(second);
    expect(second.trace.toString()).not.toContain('\nnever');
    expect(await finished(second.id)).toMatchObject({ outcome: 'cancelled' });
    // By force, or deleted: nobody wants to hear of it any more.
    world.project.cancel(first, true);
    expect(await finished(first.id)).toMatchObject({ outcome: 'abandoned' });
    const [groupId] = (await finished(first.id))['groupIds'] as string[];
    await world.recorder.waitFor('job.cancelled', (said) => said['groupId'] === groupId);
    const told = world.gitlab.requests.filter(
      ({ path, status }) => path.includes(`/jobs/${first.id}`) && status === 403,
    );
    expect(told.length).toBeLessThanOrEqual(2);
  }, 120_000);

  it('that is cancelled before it arrives here is ended, and nothing is said of it', async () => {
    const [bridge] = world.bridges;
    // Longer than the job takes to be queued, and not one that is answered at once.
    world.gitlab.limits.longPollMs = 60_000;
    const since = Date.now();
    const isHeld = (): boolean =>
      world.gitlab
        .requestsOf('request')
        .some(
          ({ startedAt, endedAt }) =>
            startedAt > since && Date.now() - startedAt > 200 && endedAt === undefined,
        );
    await waitFor(isHeld, { what: 'a question that GitLab holds' });
    world.gitlab.limits.longPollMs = 1_000;
    bridge?.signal('SIGSTOP');
    let job: TestJob;
    try {
      job = await world.queue('job:\n  script: [echo never]\n');
      await waitFor(() => job.awaitsRunner, { what: 'GitLab to give it away' });
      world.project.cancel(job, true);
    } finally {
      bridge?.signal('SIGCONT');
    }
    expect(await finished(job.id)).toMatchObject({ outcome: 'abandoned' });
    expect(job.trace.toString()).toBe('');
  }, 120_000);

  it('that is cancelled while it is being submitted is not run', async () => {
    world.submitter.signal('SIGSTOP');
    let job: TestJob;
    try {
      job = await world.queue('job:\n  script: [echo never]\n');
      await world.says(job, 'Running with Slipway');
      world.project.cancel(job);
      await world.says(job, 'WARNING: cancelled in GitLab');
    } finally {
      world.submitter.signal('SIGCONT');
    }
    await world.over(job);
    expect(job.state).toBe('canceled');
    expect(job.trace.toString()).not.toContain('\nnever');
    expect(await finished(job.id)).toMatchObject({ outcome: 'cancelled' });
  }, 120_000);

  it('hears of what was noted though nobody was told that it was', async () => {
    const job = await world.queue(`job:\n  script: [echo begun, sleep 8]\n`);
    await world.says(job, 'begun\n');
    // As a signal of the database that is lost: noted by other hands, and no word of it.
    await world.database.query(
      `update stage set news = news || '{"refused": {"code": "x", "reason": "by hand"}}' from ci_job
       where ci_job.id = ci_job and ci_job_id = $1`,
      [job.id],
    );
    await world.says(job, 'ERROR: by hand');
    await world.over(job);
  }, 120_000);

  it('whose trace is too long is told so once, and ends as it ends', async () => {
    const job = await world.queue('job:\n  script: [seq 1 20000, exit 3]\n');
    await world.over(job);
    const trace = job.trace.toString();
    expect(job).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(job.traceSize).toBeLessThanOrEqual(40_000);
    expect(trace.match(/exceeded limit of 40000 bytes/g)).toHaveLength(1);
    expect(trace).toMatch(/ERROR: Job failed: exit code 3[^\n]*\n$/);
  }, 90_000);

  it('whose trace is too long for GitLab, which fails it for that, is ended at once', async () => {
    const { limits } = world.gitlab;
    const before = limits.traceBytes;
    limits.traceBytes = 10_000;
    const job = await world.queue(`job:\n  script: [seq 1 4000, '${waits}']\n`);
    await world.over(job);
    limits.traceBytes = before;
    expect(job).toMatchObject({ state: 'failed', failureReason: 'trace_size_exceeded' });
    const { outcome, groupIds } = await finished(job.id);
    expect(outcome).toBe('abandoned');
    const [groupId] = groupIds as string[];
    await world.recorder.waitFor('job.cancelled', (said) => said['groupId'] === groupId);
  }, 90_000);

  it('never shows a secret, wherever the log is cut', async () => {
    world.project.variables.push({ key: 'SECRET', value: 'abcdefghijklmnop', masked: true });
    const job = await world.queue(
      'job:\n  script:\n    - printf "so abcdefgh"; sleep 3; printf "ijklmnop and\\n"; echo "$SECRET $CI_JOB_TOKEN"\n',
    );
    await world.over(job);
    const trace = job.trace.toString();
    expect(trace).toContain('so [MASKED] and\n[MASKED] [MASKED]\n');
    expect(trace).not.toContain('abcdefghijklmnop');
    expect(trace).not.toContain(job.token);
  }, 90_000);

  it('that cannot run here is refused at once, with words', async () => {
    const services = await world.queue('job:\n  services: [postgres]\n  script: [echo x]\n');
    const backend = await world.queue('job:\n  variables: {SLIPWAY_BACKEND: nowhere}\n  script: [echo x]\n');
    for (const job of [services, backend]) {
      await world.over(job);
      expect(job.state).toBe('failed');
      expect(await finished(job.id)).toMatchObject({ outcome: 'refused' });
    }
    expect(services.trace.toString()).toMatch(/ERROR: [^\n]*services/);
    expect(backend.trace.toString()).toMatch(/ERROR: [^\n]*nowhere/);
  }, 90_000);

  it('of somebody who has no identity on the backend is refused, and told whom to ask for what', async () => {
    const job = await world.queue('job:\n  variables: {SLIPWAY_BACKEND: pool}\n  script: [echo never]\n');
    await world.over(job);
    expect(job).toMatchObject({ state: 'failed', failureReason: 'runner_configuration_error' });
    expect(job.trace.toString()).toMatch(/ERROR: [^\n]*alice[^\n]* pool/);
    expect(await finished(job.id)).toMatchObject({ outcome: 'refused' });
  }, 90_000);

  it('that is cancelled while its artifacts are uploaded ends, and is not uploaded twice', async () => {
    const slow = world.gitlab.faults.add({ call: 'upload', delayMs: 4_000, status: 503, times: 2 });
    const job = await world.queue('job:\n  script: [echo x >x]\n  artifacts: {paths: [x]}\n');
    await waitFor(() => slow.left() < 2, { what: 'the upload', deadlineMs: 60_000 });
    world.project.cancel(job);
    await world.over(job);
    expect(job.state).toBe('canceled');
    expect(await finished(job.id)).toMatchObject({ outcome: 'cancelled' });
    expect(job.artifacts.length).toBeLessThanOrEqual(1);
    world.gitlab.faults.clear();
  }, 90_000);

  it('of a project that is not registered is refused', async () => {
    const stranger = await world.gitlab.createProject({
      path: 'other/stranger',
      files: { '.gitlab-ci.yml': 'job: {script: [echo x]}\n' },
    });
    const job = (await stranger.runPipeline()).job('job');
    await world.over(job);
    expect(job.state).toBe('failed');
    expect(job.trace.toString()).toContain('ERROR: the project other/stranger is not registered');
  }, 60_000);

  it('that takes too long ends by its time-out', async () => {
    const job = await world.queue(`job:\n  timeout: 8 seconds\n  script: [echo begun, '${waits}']\n`);
    await world.over(job, 90_000);
    expect(job).toMatchObject({ state: 'failed', failureReason: 'job_execution_timeout' });
    expect(world.gitlab.complaints).toEqual([]);
  }, 120_000);
});
