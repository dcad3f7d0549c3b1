import { BridgeWorld } from './bridge-world.js';

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system, the jobs' own
// script and curl. A GitLab of the tests.
describe('a CI job that fans out', () => {
  let world: BridgeWorld;

  beforeAll(async () => {
    world = await BridgeWorld.create({ testPath: import.meta.url });
    await world.project.commit({ files: { 'sets.csv': 'ITEM,YEAR\nup,2016\ndown,2017\nboth,2018\n' } });
    await world.start();
  }, 120_000);
  afterAll(() => world.close());

  // eslint-disable-next-line no-control-regex -- they are what is to be taken out
  const plain = (trace: Buffer): string => trace.toString().replace(/\u001B\[[\d;]*[mK]/g, '');

  it('runs once for each item of a list, tells how far it is, and what it came to', async () => {
    const job = await world.over(
      await world.queue(`job:
  variables: {SLIPWAY_FANOUT: "one two three", SLIPWAY_FANOUT_AT_ONCE: "2", CI_NODE_TOTAL: "not this"}
  script: ['test -n "$ITEM" && test "$CI_NODE_TOTAL" = 3 && echo "$ITEM" > README.md']
`),
    );
    const trace = plain(job.trace);
    expect(trace).toContain('Fans out into 3 jobs, 2 at once at most; none may fail');
    expect(trace).toMatch(/\r3 jobs: .*succeeded/);
    expect(trace).toMatch(/\n3 jobs: 3 succeeded\n/);
    expect(trace).toContain('All of them, with their logs: https://slipway.example.org/jobs/groups/');
    expect(job.state).toBe('success');
    expect(world.gitlab.complaints).toEqual([]);
  }, 120_000);

  it('reads a list in the repository first, and fails with the exit code of those that failed', async () => {
    const job = await world.over(
      await world.queue(`job:
  variables: {SLIPWAY_FANOUT: "file:sets.csv"}
  script: ['[ "$YEAR" != 2017 ] || exit 42']
`),
    );
    const trace = plain(job.trace);
    expect(trace).toContain('Fans out over the list in sets.csv, which is read first');
    expect(trace).toMatch(/Fans out into 3 jobs; none may fail: https:/);
    expect(trace).toMatch(/ITEM +STATE +EXIT[^\n]*\ndown +failed +42 /);
    expect(trace).toContain('ERROR: 1 of 3 jobs did not succeed; none may fail');
    expect(job).toMatchObject({ state: 'failed', failureReason: 'script_failure', exitCode: 42 });
  }, 120_000);

  it('goes on where some may fail, over what a command prints', async () => {
    const job = await world.over(
      await world.queue(`job:
  variables: {SLIPWAY_FANOUT: "command:seq 4", SLIPWAY_FANOUT_FAILURES: "25%"}
  script: ['[ "$ITEM" != 3 ]']
`),
    );
    expect(plain(job.trace)).toContain('WARNING: 1 of 4 jobs did not succeed; 1 (25%) may fail');
    expect(job.state).toBe('success');
  }, 120_000);

  it('merges what those brought back that succeeded, beside the sources', async () => {
    const job = await world.over(
      await world.queue(`job:
  variables:
    SLIPWAY_FANOUT: "a/1 b/2 c"
    SLIPWAY_FANOUT_FAILURES: "1"
    SLIPWAY_FANOUT_MERGE: "echo found $(cat slipway-items/*/out.txt) in $(ls slipway-items) beside $(ls README.md)"
  script: ['test "$ITEM" != c', 'echo "of-$ITEM" > out.txt']
  artifacts: {paths: [out.txt]}
`),
    );
    const trace = plain(job.trace);
    expect(trace).toContain('may fail; then they are merged');
    expect(trace).toMatch(/\nfound of-a\/1 of-b\/2 in a_1 b_2 beside README.md\n/);
    expect(job.state).toBe('success');
    const senseless = await world.over(
      await world.queue(
        `job:\n  variables: {SLIPWAY_FANOUT: "a", SLIPWAY_FANOUT_MERGE: "true"}\n  script: ['true']\n`,
      ),
    );
    expect(plain(senseless.trace)).toContain('the job has no "artifacts" to say which');
  }, 120_000);

  it('ends with words where the list cannot be made, has nothing in it, or is none', async () => {
    const ended = async (written: string): Promise<string> => {
      const job = await world.over(
        await world.queue(
          `job:\n  variables: {SLIPWAY_FANOUT: ${JSON.stringify(written)}}\n  script: ['true']\n`,
        ),
      );
      expect(job.state).toBe('failed');
      return plain(job.trace);
    };
    expect(await ended('file:missing.txt')).toContain(
      'ERROR: the list that it fans out over could not be made',
    );
    expect(await ended('command:true')).toContain('ERROR: what the command printed has no items');
    expect(await ended('a a')).toContain('ERROR: SLIPWAY_FANOUT: items 1 and 2 are the same');
  }, 180_000);
});
