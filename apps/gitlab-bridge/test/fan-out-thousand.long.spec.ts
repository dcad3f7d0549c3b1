import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { attemptIdOf, jobIdOf } from '#grid';
import { buildTar } from '#oci';
import { openKeyRing } from '#secrets';
import { openZip } from '#zip';
import type { TestJob } from '../../../test/gitlab/index.js';
import { startSimulatedGrid, type SimulatedGrid } from '../../../test/stand-ins/batch-system/index.js';
import { keyRingText } from '../../../test/stand-ins/registry.js';
import { registered } from './bridge-settings.js';
import { BridgeWorld } from './bridge-world.js';

const ring = openKeyRing(keyRingText);
const session = randomBytes(16).toString('hex');
const atOnce = 8;

/** What a worker node says of a job; again until it is heard, as the wrapper does. */
async function say(
  url: string,
  attemptId: string,
  method: string,
  what: string,
  body: string | Buffer,
): Promise<void> {
  const headers = {
    authorization: `Bearer ${ring.seal(attemptId, 'worker')}`,
    'x-slipway-session': session,
    'content-type': 'application/octet-stream',
  };
  for (;;) {
    const answer = await fetch(`${url}/worker/v1/attempts/${attemptId}/${what}`, { method, headers, body });
    const said = await answer.text();
    if (answer.status === 200) return;
    if (answer.status !== 503) throw new Error(`${what}: ${answer.status} ${said}`);
    await pause(500);
  }
}

// eslint-disable-next-line no-control-regex -- they are what is to be taken out
const plain = (trace: Buffer): string => trace.toString().replace(/\u001B\[[\d;]*[mK]/g, '');

async function filesOf({ artifacts }: TestJob, path: string): Promise<ReadonlyMap<string, string>> {
  await writeFile(path, artifacts.find(({ type }) => type === 'archive')?.bytes ?? '');
  const zip = await openZip(path);
  const files = new Map<string, string>();
  try {
    for await (const entry of zip.entries())
      if (!entry.path.endsWith('/')) files.set(entry.path, await text(zip.plain(entry)));
  } finally {
    await zip.close();
  }
  return files;
}

// Real: RabbitMQ, PostgreSQL, bridge, submitter and monitor as processes. Stand in: a batch system, and worker nodes that
// say what the jobs' own script says. A GitLab of the tests.
describe('a CI job over a thousand datasets', () => {
  let world: BridgeWorld;
  let grid: SimulatedGrid;

  beforeAll(async () => {
    grid = await startSimulatedGrid();
    world = await BridgeWorld.create({
      testPath: import.meta.url,
      gitlab: { limits: { traceIntervalSeconds: 1 } },
      furtherBackends: [
        { name: 'pool', kind: 'plugin', plugin: 'simulated', options: { url: grid.url }, jobs: 100_000 },
      ],
      furtherCredentials: [{ name: 'grid', type: 'htcondor-idtoken', secret: { env: 'GRID_TOKEN' } }],
      identityMappings: [{ name: 'alice', gitlabUser: 'alice', credential: 'grid' }],
      projects: (gitlab) => [registered(gitlab, { backend: 'pool', limits: { jobs: 100_000 } })],
      common: { SLIPWAY_PLUGINS: grid.plugin, GRID_TOKEN: 'opens nothing' },
    });
    await world.start();
  }, 300_000);
  afterAll(async () => {
    await world?.close();
    await grid?.stop();
  });

  const queue = (items: readonly string[], failures: string): Promise<TestJob> =>
    world.queue(`job:
  variables: {SLIPWAY_FANOUT: "${items.join(' ')}", SLIPWAY_FANOUT_FAILURES: "${failures}"}
  script: ['./fill "$ITEM" >out.txt']
  artifacts: {paths: [out.txt]}
`);

  /** Runs the group of a CI job as worker nodes would; every one whose place this divides fails. */
  const run = async (job: TestJob, items: readonly string[], failing: number): Promise<void> => {
    const of = (said: Readonly<Record<string, unknown>>): boolean =>
      (said['labels'] as Readonly<Record<string, string>>)['ci.job'] === String(job.id);
    const { data } = await world.recorder.waitFor('group.queued', of);
    const waiting = [...items.entries()];
    const node = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        await runOne(String(data['groupId']), ...next);
    };
    const runOne = async (groupId: string, index: number, item: string): Promise<void> => {
      const attempt = attemptIdOf(jobIdOf(groupId, index), 1);
      const tell = (method: string, what: string, body: string | Buffer): Promise<void> =>
        say(world.monitor.url, attempt, method, what, body);
      await tell('POST', 'start', 'node=simulated\n');
      if (index % failing === failing - 1)
        return tell(
          'POST',
          'end',
          'fault=script-failed\nexit=42\nstep=step_script\nwords=it failed\nlog=0\n',
        );
      const outputs = gzipSync(
        await buildTar([{ name: './slipway-artifacts/0/out.txt', content: `of ${item}\n` }]),
      );
      const sha256 = createHash('sha256').update(outputs).digest('hex');
      await tell('PUT', `outputs?size=${outputs.length}&sha256=${sha256}`, outputs);
      await tell('POST', 'end', `fault=\nexit=0\nlog=0\noutputs=${outputs.length}\nsha256=${sha256}\n`);
    };
    await Promise.all(Array.from({ length: atOnce }, node));
  };

  it('tells how far it is, sums it up, and has what each brought back in a directory of its own', async () => {
    const items = Array.from({ length: 1_000 }, (_, n) => `set-${n}`);
    const job = await queue(items, '1%');
    await run(job, items, 100);
    await world.over(job, 300_000);
    const trace = plain(job.trace);
    expect({ state: job.state, trace }).toMatchObject({ state: 'success' });
    expect(trace).toContain('Fans out into 1000 jobs; ');
    expect(trace).toMatch(/\r[^\n]*1000 jobs: [^\n]*(?:waiting|running)/);
    expect(trace).toContain('1000 jobs: 990 succeeded, 10 failed');
    expect(trace).toContain('WARNING: 10 of 1000 jobs did not succeed; 10 (1%) may fail');
    expect(trace).toMatch(/set-99 +failed +42 /);
    const files = await filesOf(job, join(world.directory, 'artifacts.zip'));
    const expected = items
      .filter((_, index) => index % 100 !== 99)
      .map((item) => [`${item}/out.txt`, `of ${item}\n`]);
    expect(Object.fromEntries(files)).toEqual(Object.fromEntries(expected));
    expect(world.gitlab.complaints).toEqual([]);
  }, 600_000);

  it('fails with the exit code of those that failed where more did than may, and what succeeded is there', async () => {
    const items = Array.from({ length: 50 }, (_, n) => `set-${n}`);
    const job = await queue(items, '1%');
    await run(job, items, 10);
    await world.over(job, 120_000);
    expect(job).toMatchObject({ state: 'failed', failureReason: 'script_failure', exitCode: 42 });
    expect(plain(job.trace)).toContain('ERROR: 5 of 50 jobs did not succeed; none may fail (1%)');
    expect((await filesOf(job, join(world.directory, 'some.zip'))).size).toBe(45);
  }, 300_000);
});
