import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobCancelling } from '#contracts';
import { waitFor } from '#lab';
import { EdgeWorld, type KnownAttempt } from './edge-world.js';
import { runWrapper, type RunningWrapper } from './running-wrapper.js';

let world: EdgeWorld;

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  await world.start();
});

afterAll(() => world?.close());

const nodeOf = (): string => join(world.directory, 'node');

const hasBegun = ({ attemptId }: KnownAttempt): Promise<unknown> =>
  waitFor(async () => (await world.log(attemptId)).includes('begun'), { what: 'its log to come' });

/** That a job ends as cancelled once its backend was asked to end it. */
async function expectCancelled({ attemptId }: KnownAttempt, ended: RunningWrapper['ended']): Promise<void> {
  const reason = { fault: 'cancelled', words: 'cancelled by ada' } as const;
  await world.ledger.report(attemptId, { from: 'submitter', state: 'cancelling', at: new Date(), reason });
  expect((await ended).status).toBe(143);
  expect(await world.attempt(attemptId)).toMatchObject({ state: 'cancelled' });
}

describe.each([
  ['dash', ['dash']],
  ['busybox sh', ['busybox', 'sh']],
  ['bash as sh', ['bash', '--posix']],
])('a job under %s', (_name, shell) => {
  it('tells the monitor of its begin, its log, its outputs and its end, and leaves nothing', async () => {
    const known = await world.queue({
      steps: [{ name: 'script', script: 'echo "hello from $SLIPWAY_ITEM"; mkdir d; echo result >d/r.txt' }],
      outputs: ['d'],
    });
    const { directory, ended } = await runWrapper(nodeOf(), world.files(known), { shell });
    expect(await ended).toEqual({ status: 0, said: 'slipway: succeeded\n' });
    const attempt = await world.attempt(known.attemptId);
    expect(attempt).toMatchObject({ state: 'succeeded', exitCode: 0, node: expect.any(String) });
    expect(attempt.startedAt).toBeInstanceOf(Date);
    expect(await world.log(known.attemptId)).toMatch(
      /section_start:\d+:script[^]*hello from job\n[^]*succeeded/,
    );
    const outputs = await world.outputs.find(attempt);
    expect(outputs?.files.map(({ path, size }) => [path, size])).toEqual([
      ['d/', 0],
      ['d/r.txt', 7],
    ]);
    execFileSync('unzip', ['-tq', outputs?.zipPath ?? '']);
    expect(execFileSync('unzip', ['-p', outputs?.zipPath ?? '', 'd/r.txt'], { encoding: 'utf8' })).toBe(
      'result\n',
    );
    expect((await readdir(directory)).sort()).toEqual(['slipway-group.sh', 'slipway-job.sh']);
  });
});

describe('a job', () => {
  it('may send its heartbeats over one connection', async () => {
    const { attemptId, token } = await world.queue({ steps: [{ name: 'script', script: 'true' }] });
    const headers = {
      authorization: `Bearer ${token}`,
      'x-slipway-session': randomBytes(16).toString('hex'),
    };
    for (const call of ['start', 'heartbeat', 'heartbeat']) {
      const url = `${world.url}/worker/v1/attempts/${attemptId}/${call}`;
      const answer = await fetch(url, { method: 'POST', headers, body: '' });
      expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'keep-alive']);
    }
  });

  it('that fails says which step, and how', async () => {
    const known = await world.queue({
      steps: [
        { name: 'build it', script: 'exit 7' },
        { name: 'tidy', script: 'echo tidy', when: 'always' },
      ],
    });
    const { ended } = await runWrapper(nodeOf(), world.files(known));
    expect((await ended).status).toBe(7);
    expect(await world.attempt(known.attemptId)).toMatchObject({
      state: 'failed',
      exitCode: 7,
      reason: { fault: 'script-failed', words: 'the step build it ended with exit status 7' },
    });
  });

  it('ends at once when the monitor wants it to, and says that it was cancelled', async () => {
    const known = await world.queue({ steps: [{ name: 'script', script: 'echo begun; sleep 600' }] });
    const { ended } = await runWrapper(nodeOf(), world.files(known));
    await hasBegun(known);
    await expectCancelled(known, ended);
    expect(await world.log(known.attemptId)).toMatch(/begun[^]*cancelled/);
  });

  it('that is silent hears of it before it has to say that it lives', async () => {
    const known = await world.queue({ steps: [{ name: 'script', script: 'echo begun; sleep 600' }] });
    const files = world.files(known, { heartbeatSeconds: 3_600, silentSeconds: 1 });
    const { ended } = await runWrapper(nodeOf(), files);
    await hasBegun(known);
    await expectCancelled(known, ended);
  });

  it('that is given time for its end does what it does even then, and says that it was cancelled', async () => {
    const known = await world.queue({
      steps: [
        { name: 'script', script: 'echo begun; sleep 600' },
        { name: 'tidy', script: 'echo tidy: $SLIPWAY_STATUS', when: 'always', evenCancelled: true },
        { name: 'other', script: 'echo never', when: 'always' },
      ],
    });
    const { ended } = await runWrapper(nodeOf(), world.files(known));
    await hasBegun(known);
    await world.bus.publish(jobCancelling, {
      groupId: known.groupId,
      attempts: [known.attemptId],
      reason: { fault: 'cancelled', words: 'cancelled by ada' },
      graceSeconds: 600,
      requestedBy: 'ada',
      at: new Date().toISOString(),
    });
    expect((await ended).status).toBe(143);
    const attempt = await world.attempt(known.attemptId);
    expect(attempt).toMatchObject({
      state: 'cancelled',
      cancel: { graceSeconds: 600 },
      reason: { words: 'cancelled by ada' },
    });
    expect(await world.log(known.attemptId)).toMatch(/begun[^]*tidy: cancelled\n/);
    expect(await world.log(known.attemptId)).not.toContain('never');
  });

  it('that was cut off goes on, and what it wrote meanwhile arrives once and whole', async () => {
    const known = await world.queue({
      steps: [
        {
          name: 'script',
          script:
            'i=0; while [ ! -e stop ]; do i=$((i+1)); echo "line $i"; [ $((i % 200)) -ne 0 ] || sleep 0.1; done; echo "$i" >last',
        },
      ],
      outputs: ['last'],
    });
    const { directory, ended } = await runWrapper(nodeOf(), world.files(known));
    const bytes = async (): Promise<number> =>
      (await world.logs.head(await world.attempt(known.attemptId))).bytes;
    for (let cut = 0; cut < 3; cut++) {
      const before = await waitFor(bytes, { what: 'log to arrive' });
      await waitFor(async () => (await bytes()) > before, { what: 'log to grow' });
      world.wire.cut();
      const tries = world.wire.refused + 2;
      await waitFor(() => world.wire.refused >= tries, { what: 'two calls that fail' });
      world.wire.rejoin();
    }
    world.wire.cut();
    const [inside = ''] = (await readdir(directory)).filter((name) => /^slipway\.\d+$/.test(name));
    await writeFile(join(directory, inside, 'work', 'stop'), '');
    await waitFor(async () => (await readdir(join(directory, inside, 'work'))).includes('last'), {
      what: 'its end',
    });
    world.wire.rejoin();
    expect(await ended).toEqual({ status: 0, said: 'slipway: succeeded\n' });
    const log = await world.log(known.attemptId);
    const numbers = [...log.matchAll(/line (\d+)\n/g)].map(([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers.findIndex((number, index) => number !== index + 1)).toBe(-1);
    expect(log).not.toContain('did not arrive');
  });

  it('that ended is known with its log and its outputs, though the monitor is killed at once', async () => {
    const known = await world.queue({
      steps: [{ name: 'script', script: 'echo hello; echo result >r' }],
      outputs: ['r'],
    });
    const { ended } = await runWrapper(nodeOf(), world.files(known));
    expect((await ended).status).toBe(0);
    await world.services.at(-1)?.kill('SIGKILL');
    const rows = await world.dataSource.query<{ log_lines: string; output_bytes: string }[]>(
      'select log_lines, output_bytes from attempt_life where attempt_id = $1',
      [known.attemptId],
    );
    await world.start();
    expect(rows.map((row) => [Number(row.log_lines) > 1, Number(row.output_bytes) > 1])).toEqual([
      [true, true],
    ]);
  });
});
