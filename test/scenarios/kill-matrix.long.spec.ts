import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#lab';
import { startGitLab, type TestGitLab, type TestJob, type TestProject } from '../gitlab/index.js';
import { type GridService, type GridWorld, gridWorld } from './grid-world.js';
import { recordEvents, type Recorder } from './recorder.js';
import { seenLines } from './seen-trace.js';

const services: readonly GridService[] = ['gitlab-bridge', 'grid-submitter', 'status-monitor', 'registry'];
const lines = 20;
const script = [
  'echo once >> "$PLACE/count"',
  'until [ -e "$PLACE/begin" ]; do sleep 0.1; done',
  `for n in $(seq 1 ${lines}); do echo "line $n"; sleep 0.2; done`,
  'until [ -e "$PLACE/end" ]; do sleep 0.1; done',
  'mkdir out && seq 1 20000 > out/numbers',
];
const numbers = Array.from({ length: 20_000 }, (_, n) => `${n + 1}\n`).join('');

/** A CI job on its way, and what its script waits for. */
interface Cell {
  readonly name: string;
  readonly place: string;
  readonly job: TestJob;
}

// Real: registry, submitter, monitor and bridge as processes, RabbitMQ, PostgreSQL, git over HTTP, the machine as batch
// system, the job's own shell script and curl. A GitLab of the tests.
describe('a CI job', () => {
  let world: GridWorld;
  let gitlab: TestGitLab;
  let project: TestProject;
  let recorder: Recorder;
  /** What it looks like when nobody is killed. */
  let undisturbed: readonly string[] = [];
  /** Of all processes that there were, one after the other. */
  const logs: string[] = [];

  beforeAll(async () => {
    gitlab = await startGitLab({ limits: { traceIntervalSeconds: 1 } });
    project = await gitlab.createProject({ path: 'lhcb/analysis', files: { 'README.md': '# Analysis\n' } });
    const runner = gitlab.createRunner();
    world = await gridWorld(import.meta.url);
    recorder = await recordEvents(world.common.SLIPWAY_AMQP_URL);
    await world.ask('POST', '/gitlab-servers', { name: 'main', url: gitlab.url });
    const secret = runner.token;
    await world.ask('POST', '/credentials', { name: 'grid-runner', type: 'gitlab-runner-token', secret });
    await world.ask('POST', '/backends', { name: 'narrow', kind: 'local', jobs: 1 });
    const url = `${gitlab.url}/lhcb/analysis`;
    await world.ask('POST', '/projects', { name: 'analysis', url, path: 'lhcb/analysis', backend: 'narrow' });
    await world.startBridge();
    await world.ask('POST', '/runners', { name: 'grid', gitlab: 'main', credential: 'grid-runner' });
    const cell = await begin('undisturbed');
    go(cell, 'begin', 'end');
    await over(cell);
    expect(cell.job.state).toBe('success');
    undisturbed = seenLines(cell.job.trace);
  }, 600_000);
  afterAll(async () => {
    await recorder.close();
    await world.close();
    await gitlab.close();
  });

  /** A cell that fails keeps no place from the next one. */
  const begun: Cell[] = [];
  afterEach(() => {
    for (const cell of begun.splice(0)) go(cell, 'begin', 'end');
    gitlab.limits.storingPuts = 1;
    gitlab.faults.clear();
  });

  const begin = async (name: string): Promise<Cell> => {
    const place = join(world.directory, name.replaceAll(' ', '-'));
    mkdirSync(place);
    const yaml = JSON.stringify({
      job: { variables: { PLACE: place }, script, artifacts: { paths: ['out'] } },
    });
    const cell = { name, place, job: (await project.runPipeline({ yaml })).job('job') };
    begun.push(cell);
    return cell;
  };

  const go = ({ place }: Cell, ...whither: readonly ('begin' | 'end')[]): void => {
    for (const file of whither) writeFileSync(join(place, file), '');
  };

  const until = ({ name, job }: Cell, what: string, holds: () => unknown): Promise<unknown> =>
    waitFor(holds, { what, deadlineMs: 120_000, intervalMs: 10 }).catch((error: unknown) => {
      const file = join(tmpdir(), `slipway-${name.replaceAll(' ', '-')}.log`);
      const living = services.flatMap((service) => world.service[service].logs());
      writeFileSync(file, [...logs, ...living, ''].join('\n'));
      throw new Error(
        `${String(error)}; it is ${job.state}; logs: ${file}; its trace:\n${job.trace.toString()}`,
      );
    });

  const kill = async (name: GridService): Promise<void> => {
    await world.service[name].kill('SIGKILL');
    logs.push(...world.service[name].logs(), `${new Date().toISOString()} ${name} was killed`);
    await world.restart(name);
  };

  const said = (cell: Cell, name: string): readonly { readonly id: string; readonly data: object }[] =>
    recorder.named(name).filter(({ data }) => data['ciJobId'] === cell.job.id);

  const over = async (cell: Cell): Promise<void> => {
    await until(cell, 'the CI job to be over', () => cell.job.isOver);
    await until(cell, 'its end to be said', () => said(cell, 'ci.job_finished').length > 0);
  };

  const countOf = ({ place }: Cell): string => {
    const file = join(place, 'count');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };

  const expectWhole = async (cell: Cell): Promise<void> => {
    const { job, place } = cell;
    await over(cell);
    expect(job.history.map(({ state }) => state)).toEqual(['created', 'pending', 'running', 'success']);
    expect(seenLines(job.trace)).toEqual(undisturbed);
    expect(job.artifacts.map(({ type }) => type)).toEqual(['archive']);
    const zip = join(place, 'artifacts.zip');
    writeFileSync(zip, job.artifacts[0]?.bytes ?? '');
    expect(execFileSync('unzip', ['-p', zip, 'out/numbers'], { encoding: 'utf8' })).toBe(numbers);
    expect(countOf(cell)).toBe('once\n');
    // Said again under the same id, it is one message.
    for (const name of ['ci.job_received', 'ci.job_finished'])
      expect(new Set(said(cell, name).map(({ id }) => id)).size).toBe(1);
    const [{ data } = { data: {} }] = said(cell, 'ci.job_finished');
    expect(data).toMatchObject({ outcome: 'succeeded', groupIds: [expect.any(String)] });
    const { groupIds } = data as { readonly groupIds: readonly string[] };
    const attempts = recorder.named('job.running').filter(({ data: of }) => of['groupId'] === groupIds[0]);
    expect(new Set(attempts.map(({ data: of }) => of['attemptId'])).size).toBe(1);
    expect(gitlab.complaints).toEqual([]);
  };

  /** Where the job is when a service is killed: goes there, kills, and lets the rest of the job go on. */
  const phases: Readonly<Record<string, (name: GridService, cell: () => Promise<Cell>) => Promise<Cell>>> = {
    'it was given to us': async (name, start) => {
      // Nothing of it is begun before GitLab was told that it runs.
      const greeting = gitlab.faults.add({ call: 'update', delayMs: 2_000 });
      const cell = await start();
      await until(cell, 'the first word of it', () => greeting.left() === 0);
      await kill(name);
      go(cell, 'begin', 'end');
      return cell;
    },
    'it is submitted': async (name, start) => {
      world.service['grid-submitter'].signal('SIGSTOP');
      const cell = await start();
      await until(cell, 'its head', () => cell.job.trace.includes('Running with Slipway'));
      const queued = recorder.named('group.queued').length;
      await kill(name);
      if (name === 'grid-submitter') {
        await until(cell, 'it to be queued', () => recorder.named('group.queued').length > queued);
        await kill(name);
      } else world.service['grid-submitter'].signal('SIGCONT');
      go(cell, 'begin', 'end');
      return cell;
    },
    'it waits for its place': async (name, start) => {
      const first = await begin(`${name} before`);
      await until(first, 'the place to be taken', () => countOf(first) !== '');
      const cell = await start();
      await until(cell, 'it to wait', () => cell.job.trace.includes('Waiting for a place'));
      await kill(name);
      go(first, 'begin', 'end');
      go(cell, 'begin', 'end');
      await over(first);
      return cell;
    },
    'its script has begun': async (name, start) => {
      const cell = await start();
      await until(cell, 'its script to begin', () => countOf(cell) !== '');
      await kill(name);
      go(cell, 'begin', 'end');
      return cell;
    },
    'its trace grows': async (name, start) => {
      const cell = await start();
      go(cell, 'begin');
      await until(cell, 'some of its trace', () => cell.job.trace.includes('\nline 3\n'));
      await kill(name);
      go(cell, 'end');
      return cell;
    },
    'its script ends': async (name, start) => {
      const cell = await start();
      go(cell, 'begin');
      await until(cell, 'the end of its trace', () => cell.job.trace.includes(`\nline ${lines}\n`));
      go(cell, 'end');
      await kill(name);
      return cell;
    },
    'its artifacts are uploaded': async (name, start) => {
      const cell = await start();
      const upload = gitlab.faults.add({ call: 'upload', path: `/jobs/${cell.job.id}/`, delayMs: 4_000 });
      go(cell, 'begin', 'end');
      await until(cell, 'the upload', () => upload.left() === 0);
      await kill(name);
      return cell;
    },
    'its end is told': async (name, start) => {
      gitlab.limits.storingPuts = Number.MAX_SAFE_INTEGER;
      const cell = await start();
      go(cell, 'begin', 'end');
      await until(cell, 'the end', () => cell.job.updates.at(-1)?.state === 'success');
      await kill(name);
      gitlab.limits.storingPuts = 1;
      return cell;
    },
  };

  describe.each(services)('when %s is killed', (name) => {
    it.each(Object.entries(phases))(
      'while %s, ends once, whole',
      async (phase, disturb) => {
        await expectWhole(await disturb(name, () => begin(`${name} ${phase}`)));
      },
      300_000,
    );
  });
});
