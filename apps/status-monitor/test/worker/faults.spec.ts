import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '#lab';
import { EdgeWorld } from './edge-world.js';
import { bytesOf, linesOf, workOf } from './followed-log.js';
import { runWrapper } from './running-wrapper.js';

let world: EdgeWorld;

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  await world.start();
});

afterAll(() => world?.close());

const isRoot = process.getuid?.() === 0;

describe('a job whose monitor is killed in mid-log', () => {
  it('goes on with the next one, and nothing of its log is lost or doubled', async () => {
    const known = await world.queue({
      steps: [
        {
          name: 'script',
          script:
            'i=0; while [ ! -e stop ]; do i=$((i+1)); echo "line $i"; [ $((i % 500)) -ne 0 ] || sleep 0.1; done; echo "$i" >last',
        },
      ],
      outputs: ['last'],
    });
    const { directory, ended } = await runWrapper(join(world.directory, 'node'), world.files(known));
    for (let times = 0; times < 2; times++) {
      const before = await waitFor(() => bytesOf(world, known), { what: 'log to arrive' });
      await waitFor(async () => (await bytesOf(world, known)) > before, { what: 'log to grow' });
      await world.services.at(-1)?.kill('SIGKILL');
      const tries = world.wire.failed + 1;
      await waitFor(() => world.wire.failed >= tries, { what: 'a call that fails' });
      await world.start();
    }
    await writeFile(join(await workOf(directory), 'stop'), '');
    expect((await ended).status).toBe(0);
    const [count, inOrder] = await linesOf(world, known);
    expect(count).toBeGreaterThan(1_000);
    expect(inOrder).toBe(true);
    expect(await world.attempt(known.attemptId)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a job that writes 10,000 lines a second and more', () => {
  it('has every line of them in its log, and is not held up by it', async () => {
    const count = 100_000;
    const known = await world.queue({ steps: [{ name: 's', script: `seq -f 'line %.0f' 1 ${count}` }] });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known));
    expect((await ended).status).toBe(0);
    expect(await linesOf(world, known)).toEqual([count, true]);
    const { lines: counted } = await world.logs.head(await world.attempt(known.attemptId));
    expect(counted).toBeGreaterThanOrEqual(count);
  });
});

describe('a job whose watching shell is killed (kill -9)', () => {
  it('is ended with all that it began, and its end is told', async () => {
    const known = await world.queue({
      steps: [
        { name: 's', script: 'setsid sh -c "echo \\$\\$ >hidden; sleep 600" & echo $$ >shown; sleep 600' },
      ],
    });
    const {
      directory,
      process: wrapper,
      ended,
    } = await runWrapper(join(world.directory, 'node'), world.files(known));
    const begun = async (): Promise<boolean> => existsSync(join(await workOf(directory), 'hidden'));
    await waitFor(begun, { what: 'its processes to begin' });
    const work = await workOf(directory);
    const pids = ['hidden', 'shown'].map((name) =>
      execFileSync('cat', [join(work, name)], { encoding: 'utf8' }).trim(),
    );
    wrapper.kill('SIGKILL');
    expect((await ended).status).toBe('SIGKILL');
    await waitFor(async () => (await world.attempt(known.attemptId)).state === 'failed', { what: 'its end' });
    const { reason } = await world.attempt(known.attemptId);
    expect(reason).toEqual({ fault: 'node-failed', words: 'the shell that watched over the job was killed' });
    await waitFor(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), {
      what: 'the end of its processes',
    });
    await waitFor(() => !existsSync(work), { what: 'its directory to be gone' });
  });
});

describe('a job whose courier is killed (kill -9) in its first seconds, when it is also the clock', () => {
  /** A step that begins with that: beside it the job's own shell has no other process yet. */
  const alone =
    'for pid in $(ps -o pid= --ppid $PPID); do [ $pid = $$ ] || kill -9 $pid; done; echo "goes on"';

  it('goes on to its end, which its shell tells, and its log says what it lacks', async () => {
    const known = await world.queue({ steps: [{ name: 's', script: `${alone}; sleep 1; exit 3` }] });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known, { logSeconds: 5 }));
    expect((await ended).status).toBe(3);
    expect(await world.attempt(known.attemptId)).toMatchObject({
      state: 'failed',
      exitCode: 3,
      reason: { fault: 'script-failed' },
    });
    expect(await world.log(known.attemptId)).toMatch(/the last \d+ bytes of the log did not arrive/);
  });

  it('is left to the limit of its batch system when it goes on beyond its wall time', async () => {
    const known = await world.queue({
      steps: [{ name: 's', script: `${alone}; sleep 9` }],
      resources: { wallTimeSeconds: 7 },
    });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known, { logSeconds: 5 }));
    expect((await ended).status).toBe(0);
    expect(await world.attempt(known.attemptId)).toMatchObject({ state: 'succeeded' });
  });
});

(isRoot ? describe : describe.skip)(
  'a full disk on the worker (a small file system, which only root can mount)',
  () => {
    const disk = (): string => join(world.directory, 'disk');

    beforeAll(async () => {
      await mkdir(disk());
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk()]);
    });

    // The last processes of a job may be about to go.
    const unmount = (): boolean => execFileSync('umount', [disk()], { stdio: 'ignore' }) !== undefined;
    afterAll(() => waitFor(unmount, { what: 'the file system to be free' }));

    it('is told as the cause, and what the log had by then arrives', async () => {
      const known = await world.queue({
        steps: [{ name: 'fill', script: 'echo "line 1"; echo "line 2"; head -c 20000000 /dev/zero >big' }],
        outputs: ['big'],
      });
      const { ended } = await runWrapper(disk(), world.files(known), { inside: true });
      expect((await ended).status).toBe(1);
      const { state, reason } = await world.attempt(known.attemptId);
      expect({ state, fault: reason?.fault }).toEqual({ state: 'failed', fault: 'disk-exceeded' });
      expect(reason?.words).toMatch(/^no space was left on the disk of \S+ when the step fill failed$/);
      expect(await linesOf(world, known)).toEqual([2, true]);
      expect((await readdir(disk())).sort()).toEqual(['slipway-group.sh', 'slipway-job.sh']);
    });
  },
);
