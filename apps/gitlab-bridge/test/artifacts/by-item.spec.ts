import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BridgeWorld } from '../bridge-world.js';
import { unzippedIn } from './zips.js';

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes, this machine as batch system. A GitLab of the
// tests.
describe('the artifacts of a CI job that ran on the grid', () => {
  let world: BridgeWorld;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-by-item-'));
    world = await BridgeWorld.create({ testPath: import.meta.url });
    await world.start();
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('are what each item brought back, by its name, and beside it what the merging made', async () => {
    const job = await world.over(
      await world.queue(`job:
  variables:
    SLIPWAY_FANOUT: "a/1 b c"
    SLIPWAY_FANOUT_FAILURES: "1"
    SLIPWAY_FANOUT_MERGE: "mkdir out; cat slipway-items/*/out/r.txt > out/all.txt"
  script: ['mkdir out', 'echo "$ITEM" > out/r.txt', 'test "$ITEM" != c']
  artifacts: {paths: [out], when: always}
`),
    );
    expect(job.state).toBe('success');
    const archive = job.artifacts.find(({ type }) => type === 'archive');
    expect(await unzippedIn(directory, archive?.bytes)).toEqual({
      'out/': '',
      'out/all.txt': 'a/1\nb\n',
      'a_1/out/': '',
      'a_1/out/r.txt': 'a/1\n',
      'b/out/': '',
      'b/out/r.txt': 'b\n',
      'c/out/': '',
      'c/out/r.txt': 'c\n',
    });
    expect(job.trace.toString()).toMatch(/Uploading artifacts as "archive" to GitLab\.\.\. 4 files, \d/);
    expect(world.gitlab.complaints).toEqual([]);
  }, 120_000);

  it('are those of the merging alone where that is asked for', async () => {
    const job = await world.over(
      await world.queue(`job:
  variables:
    SLIPWAY_FANOUT: "a b"
    SLIPWAY_FANOUT_ARTIFACTS: merged
    SLIPWAY_FANOUT_MERGE: "cat slipway-items/*/r.txt > all.txt; rm -f r.txt"
  script: ['echo "$ITEM" > r.txt']
  artifacts: {paths: ['*.txt']}
`),
    );
    expect(job.state).toBe('success');
    expect(await unzippedIn(directory, job.artifacts[0]?.bytes)).toEqual({ 'all.txt': 'a\nb\n' });
  }, 120_000);

  it('that GitLab takes for too large fail it, and its trace says so', async () => {
    const before = world.gitlab.limits.artifactBytes;
    world.gitlab.limits.artifactBytes = 1_000;
    const job = await world.over(
      await world.queue(
        `job:\n  script: ['head -c 200000 /dev/urandom > large']\n  artifacts: {paths: [large]}\n`,
      ),
    );
    world.gitlab.limits.artifactBytes = before;
    expect(job.state).toBe('failed');
    expect(job.trace.toString()).toMatch(/ERROR: Uploading artifacts .*413 Request Entity Too Large/);
    expect(job.artifacts).toEqual([]);
  }, 120_000);
});
