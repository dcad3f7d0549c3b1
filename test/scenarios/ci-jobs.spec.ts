import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '#lab';
import { startGitLab, type TestGitLab, type TestJob, type TestProject } from '../gitlab/index.js';
import { type GridWorld, gridWorld } from './grid-world.js';

const whole = `job:
  script:
    - cat README.md
    - for n in $(seq 1 30); do echo "line $n"; sleep 0.5; done
    - mkdir results && echo "$CI_PROJECT_PATH" > results/where.txt
  artifacts: { paths: [results] }
`;

// Real: registry, submitter, monitor and bridge as processes, RabbitMQ, PostgreSQL, git over HTTP, the machine as batch
// system, the job's own shell script and curl. A GitLab of the tests.
describe('a CI job, from GitLab to the grid and back', () => {
  let world: GridWorld;
  let gitlab: TestGitLab;
  let project: TestProject;

  beforeAll(async () => {
    gitlab = await startGitLab({ limits: { traceIntervalSeconds: 1 } });
    project = await gitlab.createProject({ path: 'lhcb/analysis', files: { 'README.md': '# Analysis\n' } });
    const runner = gitlab.createRunner();
    world = await gridWorld(import.meta.url);
    const ask = (method: string, path: string, body: object): Promise<unknown> =>
      world.ask(method, path, body);
    await ask('POST', '/gitlab-servers', { name: 'main', url: gitlab.url });
    await ask('POST', '/credentials', {
      name: 'grid-runner',
      type: 'gitlab-runner-token',
      secret: runner.token,
    });
    await ask('POST', '/projects', {
      name: 'analysis',
      url: `${gitlab.url}/lhcb/analysis`,
      path: 'lhcb/analysis',
      backend: 'here',
    });
    await world.startBridge();
    // A runner that is registered while the bridge runs asks at once.
    await ask('POST', '/runners', { name: 'grid', gitlab: 'main', credential: 'grid-runner' });
  }, 600_000);
  afterAll(async () => {
    await world.close();
    await gitlab.close();
  });

  const run = async (): Promise<TestJob> => {
    await project.commit({ files: { '.gitlab-ci.yml': whole } });
    const job = (await project.runPipeline()).job('job');
    return job;
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
    expect(gitlab.complaints).toEqual([]);
  };

  it('has its trace, its end and its artifacts in GitLab', async () => {
    await expectWhole(await run());
  }, 240_000);

  it.each(['gitlab-bridge', 'status-monitor', 'grid-submitter', 'registry'] as const)(
    'does not notice that %s is killed and started again in the middle of it',
    async (name) => {
      const job = await run();
      await waitFor(() => job.trace.includes('line 3\n'), { what: 'its middle', deadlineMs: 120_000 });
      await world.service[name].kill('SIGKILL');
      await world.restart(name);
      await expectWhole(job);
    },
    300_000,
  );
});
