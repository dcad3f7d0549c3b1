import { waitFor } from '#lab';
import type { TestJob } from '../../../test/gitlab/index.js';
import { BridgeWorld } from './bridge-world.js';

/** The names in the central directory of a CI job's archive. */
function filesIn({ artifacts }: TestJob): readonly string[] {
  const bytes = artifacts.find(({ type }) => type === 'archive')?.bytes ?? Buffer.alloc(0);
  const names: string[] = [];
  const record = Buffer.from('PK\u0001\u0002');
  for (let at = bytes.indexOf(record); at >= 0; at = bytes.indexOf(record, at + 46))
    names.push(bytes.subarray(at + 46, at + 46 + bytes.readUInt16LE(at + 28)).toString());
  return names.filter((name) => !name.endsWith('/')).sort();
}

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
  script: ['test -n "$ITEM" && test "$CI_NODE_TOTAL" = 3 && echo "$ITEM" > README.md && sleep 3']
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
    SLIPWAY_FANOUT_SETUP: 'of() { echo "of-$1"; }'
    SLIPWAY_FANOUT_MERGE: "of merging; echo found $(cat slipway-items/*/out.txt) in $(ls slipway-items) beside $(ls README.md) | tee merged.txt"
  script: ['test "$ITEM" != c', 'of "$ITEM" > out.txt']
  artifacts: {paths: [out.txt, merged.txt]}
`),
    );
    const trace = plain(job.trace);
    expect(trace).toContain('may fail; then they are merged');
    expect(trace).toContain('\nof-merging\nfound of-a/1 of-b/2 in a_1 b_2 beside README.md\n');
    expect(job.state).toBe('success');
    expect(filesIn(job)).toEqual(['a_1/out.txt', 'b_2/out.txt', 'merged.txt']);
    const senseless = await world.over(
      await world.queue(
        `job:\n  variables: {SLIPWAY_FANOUT: "a", SLIPWAY_FANOUT_MERGE: "true"}\n  script: ['true']\n`,
      ),
    );
    expect(plain(senseless.trace)).toContain('the job has no "artifacts" to say which');
  }, 120_000);

  const stageBegins = (name: string, job: TestJob): Promise<unknown> =>
    waitFor(
      async () => {
        const { rows } = await world.database.query(
          'select 1 from stage join ci_job on ci_job.id = ci_job where name = $1 and ci_job_id = $2',
          [name, job.id],
        );
        return rows.length === 1;
      },
      { what: `the stage ${name}`, intervalMs: 20, deadlineMs: 60_000 },
    );

  it('loses nothing and runs nothing twice when the bridge is killed in each of its stages', async () => {
    const job = await world.queue(`job:
  variables:
    SLIPWAY_FANOUT: "command:sleep 1; seq 3"
    SLIPWAY_FANOUT_MERGE: "sleep 1; cat slipway-items/*/out.txt | tee merged.txt"
  script: ['sleep 1; echo "of-$ITEM" > out.txt']
  artifacts: {paths: [out.txt, merged.txt]}
`);
    for (const stage of ['list', 'work', 'merge']) {
      await stageBegins(stage, job);
      await world.bridges.at(-1)?.kill('SIGKILL');
      await world.start();
    }
    await world.over(job, 90_000);
    expect(job.state).toBe('success');
    expect(filesIn(job)).toEqual(['1/out.txt', '2/out.txt', '3/out.txt', 'merged.txt']);
    const trace = plain(job.trace);
    expect(trace.match(/^of-\d$/gm)).toEqual(['of-1', 'of-2', 'of-3']);
    expect(trace.match(/^3 jobs: 3 succeeded$/gm)).toHaveLength(1);
    const { data } = await world.recorder.waitFor('ci.job_finished', (said) => said['ciJobId'] === job.id);
    expect(data['groupIds']).toHaveLength(3);
  }, 240_000);

  it('ends all of its grid jobs when it is cancelled in GitLab, and begins no merging', async () => {
    const job = await world.queue(`job:
  variables: {SLIPWAY_FANOUT: "a b", SLIPWAY_FANOUT_MERGE: "echo merged"}
  script: ['sleep 600']
  artifacts: {paths: [out.txt]}
`);
    await world.says(job, '2 running');
    world.project.cancel(job);
    await world.over(job, 90_000);
    expect(job.state).toBe('canceled');
    expect(plain(job.trace)).toContain('WARNING: cancelled in GitLab');
    expect(plain(job.trace)).toMatch(/\n2 jobs: 2 cancelled\n/);
    expect(plain(job.trace)).not.toContain('Merging');
  }, 240_000);

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
