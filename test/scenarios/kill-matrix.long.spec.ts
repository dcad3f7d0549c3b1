import { waitFor } from '#lab';
import type { GridService } from './grid-processes.js';
import { type Cell, countOf, go } from './kill-cell.js';
import { killWorld, type KillWorld, services } from './kill-world.js';

const lines = 20;
const script = [
  'echo once >> "$PLACE/count"',
  'until [ -e "$PLACE/begin" ]; do sleep 0.1; done',
  `for n in $(seq 1 ${lines}); do echo "line $n"; sleep 0.2; done`,
  'until [ -e "$PLACE/end" ]; do sleep 0.1; done',
  'mkdir out && seq 1 20000 > out/numbers',
];
const numbers = Array.from({ length: 20_000 }, (_, n) => `${n + 1}\n`).join('');

// Real: registry, submitter, monitor and bridge as processes, RabbitMQ, PostgreSQL, git over HTTP, the machine as batch
// system, the job's own shell script and curl. A GitLab of the tests.
describe('a CI job', () => {
  let world: KillWorld;

  beforeAll(async () => {
    world = await killWorld(import.meta.url, {
      yaml: { script, artifacts: { paths: ['out'] } },
      files: ['begin', 'end'],
      counted: ['once'],
      artifacts: { 'out/numbers': numbers },
      groups: [1],
    });
  }, 600_000);
  afterEach(() => world.tidy());
  afterAll(() => world.close());

  /** Where the job is when a service is killed: goes there, kills, and lets the rest of the job go on. */
  const phases: Readonly<Record<string, (name: GridService, cell: () => Promise<Cell>) => Promise<Cell>>> = {
    'it is given to us': async (name, start) => {
      // GitLab's answer with the job is lost, with whom it was for.
      world.gitlab.limits.acknowledgeMs = 4_000;
      const lost = { call: 'request', cut: true, afterwards: true, times: 1_000 } as const;
      const answers = world.gitlab.faults.add(lost);
      await waitFor(() => answers.left() < 999, { what: 'an answer to be lost' });
      const cell = await start();
      await world.until(cell, 'it to be given away', () => cell.job.awaitsRunner);
      await world.kill(name);
      world.gitlab.faults.clear();
      go(cell, 'begin', 'end');
      return cell;
    },
    'it was given to us': async (name, start) => {
      // Nothing of it is begun before GitLab was told that it runs.
      const greeting = world.gitlab.faults.add({ call: 'update', delayMs: 2_000 });
      const cell = await start();
      await world.until(cell, 'the first word of it', () => greeting.left() === 0);
      await world.kill(name);
      go(cell, 'begin', 'end');
      return cell;
    },
    'it is submitted': async (name, start) => {
      world.signal('grid-submitter', 'SIGSTOP');
      const cell = await start();
      await world.until(cell, 'its head', () => cell.job.trace.includes('Running with Slipway'));
      const queued = world.recorder.named('group.queued').length;
      await world.kill(name);
      if (name === 'grid-submitter') {
        await world.until(
          cell,
          'it to be queued',
          () => world.recorder.named('group.queued').length > queued,
        );
        await world.kill(name);
      } else world.signal('grid-submitter', 'SIGCONT');
      go(cell, 'begin', 'end');
      return cell;
    },
    'it waits for its place': async (name, start) => {
      const first = await world.begin(`${name} before`);
      await world.until(first, 'the place to be taken', () => countOf(first) !== '');
      const cell = await start();
      await world.until(cell, 'it to wait', () => cell.job.trace.includes('Waiting for a place'));
      await world.kill(name);
      go(first, 'begin', 'end');
      go(cell, 'begin', 'end');
      await world.over(first);
      return cell;
    },
    'its script has begun': async (name, start) => {
      const cell = await start();
      await world.until(cell, 'its script to begin', () => countOf(cell) !== '');
      await world.kill(name);
      go(cell, 'begin', 'end');
      return cell;
    },
    'its trace grows': async (name, start) => {
      const cell = await start();
      go(cell, 'begin');
      await world.until(cell, 'some of its trace', () => cell.job.trace.includes('\nline 3\n'));
      await world.kill(name);
      go(cell, 'end');
      return cell;
    },
    'its script ends': async (name, start) => {
      const cell = await start();
      go(cell, 'begin');
      await world.until(cell, 'the end of its trace', () => cell.job.trace.includes(`\nline ${lines}\n`));
      go(cell, 'end');
      await world.kill(name);
      return cell;
    },
    'its artifacts are uploaded': async (name, start) => {
      const cell = await start();
      const upload = world.gitlab.faults.add({
        call: 'upload',
        path: `/jobs/${cell.job.id}/`,
        delayMs: 4_000,
      });
      go(cell, 'begin', 'end');
      await world.until(cell, 'the upload', () => upload.left() === 0);
      await world.kill(name);
      return cell;
    },
    'its end is told': async (name, start) => {
      world.gitlab.limits.storingPuts = Number.MAX_SAFE_INTEGER;
      const cell = await start();
      go(cell, 'begin', 'end');
      await world.until(cell, 'the end', () => cell.job.updates.at(-1)?.state === 'success');
      await world.kill(name);
      world.gitlab.limits.storingPuts = 1;
      return cell;
    },
  };

  describe.each(services)('when %s is killed', (name) => {
    it.each(Object.entries(phases))(
      'while %s, ends once, whole',
      async (phase, disturb) => {
        await world.expectWhole(await disturb(name, () => world.begin(`${name} ${phase}`)));
      },
      300_000,
    );
  });
});
