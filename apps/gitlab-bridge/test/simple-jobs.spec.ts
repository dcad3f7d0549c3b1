import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '#lab';
import { BridgeWorld } from './bridge-world.js';

/** So many CI jobs the tests have run when the last one looks at what is left of them. */
const jobsAbove = 6;

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system, the job's own
// script and curl. A GitLab of the tests.
describe('a CI job that runs on the grid', () => {
  let world: BridgeWorld;

  beforeAll(async () => {
    world = await BridgeWorld.create({ testPath: import.meta.url });
    await world.start();
  }, 300_000);
  afterAll(() => world.close());

  it('has the trace, the state and the checksum that GitLab checks, and is told of on the bus', async () => {
    const job = await world.over(
      await world.queue('job:\n  script:\n    - cat README.md\n    - echo measured\n'),
    );
    const trace = job.trace.toString();
    expect(job.state).toBe('success');
    expect(trace).toContain('Running with Slipway');
    expect(trace).toContain('# Analysis\n');
    expect(trace).toContain('\nmeasured\n');
    expect(trace).toContain('https://slipway.example.org/jobs/groups/');
    expect(trace).toMatch(/Job succeeded[^\n]*\n$/);
    const { data } = await world.recorder.waitFor('ci.job_finished', (said) => said['ciJobId'] === job.id);
    expect(data).toMatchObject({ outcome: 'succeeded', project: 'analysis', exitCode: 0 });
    expect(data['groupIds']).toHaveLength(1);
    expect(world.gitlab.complaints).toEqual([]);
  }, 90_000);

  it('fails with the exit code of its script', async () => {
    const job = await world.over(await world.queue('job:\n  script: [echo before, exit 7, echo after]\n'));
    expect(job).toMatchObject({ state: 'failed', failureReason: 'script_failure', exitCode: 7 });
    expect(job.trace.toString()).toMatch(/before\n[^]*ERROR: Job failed: exit code 7[^\n]*\n$/);
    expect(job.trace.toString()).not.toContain('\nafter\n');
  }, 90_000);

  it('is told to run by its first word, which a GitLab that asks for no confirmation takes for a sign of life', async () => {
    for (const isAsked of [true, false]) {
      world.gitlab.twoPhases = isAsked;
      const job = await world.over(await world.queue('job:\n  script: [echo measured]\n'));
      expect(job.state).toBe('success');
      expect(job.updates[0]).toMatchObject({ state: 'running' });
      const [first] = world.gitlab.requests.filter(({ path }) => path.includes(`/jobs/${job.id}`));
      expect([first?.method, first?.status]).toEqual(['PUT', 200]);
    }
    expect(world.gitlab.complaints).toEqual([]);
  }, 120_000);

  it('goes on when the copy that has it does not know, for the answer to its taking was lost', async () => {
    const mayEnd = join(world.directory, 'may-end');
    const other = await world.queue(`job:\n  script: ['until [ -e ${mayEnd} ]; do sleep 0.1; done']\n`);
    const isHeld = async (): Promise<boolean> =>
      (await world.database.query('select 1 from ci_job where holder is not null')).rows.length > 0;
    await waitFor(isHeld, { what: 'a job that the copy knows that it has' });
    await world.database.query(`create function taken_unheard() returns trigger language plpgsql as $$ begin
      select holder, clock_timestamp() + interval '2 s' into new.holder, new.lease_until
        from ci_job where holder is not null order by received_at desc limit 1;
      return new; end $$`);
    await world.database.query(
      'create trigger taken_unheard before insert on ci_job for each row execute function taken_unheard()',
    );
    const job = await world.queue('job:\n  script: [echo measured]\n');
    await world.over(job);
    expect(job.state).toBe('success');
    await world.database.query('drop trigger taken_unheard on ci_job');
    await writeFile(mayEnd, '');
    await world.over(other);
  }, 90_000);

  it('leaves no secret and no trace in the database once it is over', async () => {
    await waitFor(
      async () => {
        const { rows } = await world.database.query("select 1 from ci_job where phase <> 'over'");
        return rows.length === 0;
      },
      { what: 'all to be over' },
    );
    const { rows } = await world.database.query('select sealed, plan from ci_job');
    expect(rows).toEqual(Array.from({ length: jobsAbove }, () => ({ sealed: null, plan: null })));
    expect((await world.database.query('select 1 from trace_piece')).rows).toEqual([]);
  });
});
