import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '#lab';
import type { TestJob } from '../gitlab/index.js';
import { type GitLabWorld, gitlabWorld } from './gitlab-world.js';

const whole = `job:
  script:
    - cat README.md
    - for n in $(seq 1 30); do echo "line $n"; sleep 0.5; done
    - mkdir results && echo "$CI_PROJECT_PATH" > results/where.txt
  artifacts: { paths: [results] }
`;

const killed = ['gitlab-bridge', 'status-monitor', 'grid-submitter', 'registry'] as const;

// Real: registry, submitter, monitor and bridge as processes, RabbitMQ, PostgreSQL, git over HTTP, the machine as batch
// system, the job's own shell script and curl. A GitLab of the tests.
describe('a CI job, from GitLab to the grid and back', () => {
  let world: GitLabWorld;

  beforeAll(async () => {
    world = await gitlabWorld(import.meta.url);
    await world.startBridge();
    // A runner that is registered while the bridge runs asks at once.
    await world.registerRunner();
  }, 600_000);
  afterAll(() => world.close());

  const run = async (): Promise<TestJob> => {
    await world.project.commit({ files: { '.gitlab-ci.yml': whole } });
    return (await world.project.runPipeline()).job('job');
  };

  const expectWhole = async (job: TestJob): Promise<void> => {
    await waitFor(() => job.isOver, { what: 'the CI job to be over', deadlineMs: 180_000 }).catch(
      (error: unknown) => {
        const logs = world.service['gitlab-bridge'].logs().slice(-10).join('\n');
        throw new Error(`${String(error)}; it is ${job.state}; its trace:\n${job.trace.toString()}\n${logs}`);
      },
    );
    const trace = job.trace.toString();
    expect({ state: job.state, trace }).toMatchObject({ state: 'success' });
    expect(trace).toContain('# Analysis\n');
    expect(trace.match(/^line \d+$/gm)).toEqual(Array.from({ length: 30 }, (_, n) => `line ${n + 1}`));
    const [archive] = job.artifacts.filter(({ type }) => type === 'archive');
    const zip = join(world.directory, `${job.id}.zip`);
    writeFileSync(zip, archive?.bytes ?? '');
    const file = execFileSync('unzip', ['-p', zip, 'results/where.txt'], { encoding: 'utf8' });
    expect(file).toBe('lhcb/analysis\n');
    expect(world.gitlab.complaints).toEqual([]);
  };

  it('has its trace, its end and its artifacts in GitLab', async () => {
    await expectWhole(await run());
  }, 240_000);

  // One by one, in each phase of a job's life: kill-matrix.long.spec.ts.
  it('does not notice that all services are killed and started again in the middle of it', async () => {
    const job = await run();
    await waitFor(() => job.trace.includes('line 3\n'), { what: 'its middle', deadlineMs: 120_000 });
    await Promise.all(killed.map((name) => world.service[name].kill('SIGKILL')));
    await Promise.all(killed.map((name) => world.restart(name)));
    await expectWhole(job);
  }, 300_000);
});
