import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseTokens } from '#access';
import { openKeyRing } from '#secrets';
import { keyRingText } from '../../../../test/stand-ins/registry.js';
import { EdgeWorld } from './edge-world.js';
import { runWrapper } from './running-wrapper.js';

const gib = 2 ** 30;
const padding = 'x'.repeat(1_000);
const lines = Math.ceil(gib / padding.length);
/** A monitor that has nothing to do has some 200 MiB; a fraction of the log is what may come on top. */
const mostMib = 512;

// Real: the job's script, PostgreSQL, the monitor as a process.
describe('a job that writes a log of 1 GiB', () => {
  let world: EdgeWorld;

  beforeAll(async () => {
    world = await EdgeWorld.create(import.meta.url, { SLIPWAY_LOG_MIB: '2048' });
    await world.start();
  });
  afterAll(() => world?.close());

  it('has all of it kept and given out, each line once and in its place, by a monitor of bounded memory', async () => {
    const known = await world.queue({
      steps: [{ name: 's', script: `seq -f 'line %.0f ${padding}' 1 ${lines}` }],
    });
    const { ended } = await runWrapper(join(world.directory, 'node'), world.files(known));
    expect((await ended).status).toBe(0);
    const { bytes } = await world.logs.head(await world.attempt(known.attemptId));
    expect(bytes).toBeGreaterThan(gib);

    const tokens = houseTokens(openKeyRing(keyRingText));
    const reader = {
      subject: 'ada',
      name: 'ada',
      via: 'session' as const,
      role: 'admin' as const,
      groups: [],
    };
    const answer = await fetch(`${world.url}/api/v1/attempts/${known.attemptId}/log`, {
      headers: { authorization: `Slipway ${tokens.issue(reader)}` },
    });
    expect(answer.status).toBe(200);
    expect(await linesInOrder(answer)).toEqual({ bytes, lines, wrong: 0 });
    expect(peakMib(world.services[0]?.pid ?? 0)).toBeLessThan(mostMib);
  }, 900_000);
});

/** Counts the lines `line 1 x…`, `line 2 x…` of a log, and those that are not what comes next. */
async function linesInOrder({ body }: Response): Promise<object> {
  let [bytes, count, wrong, rest] = [0, 0, 0, ''];
  for await (const piece of body ?? []) {
    bytes += piece.length;
    const whole = (rest + Buffer.from(piece).toString('latin1')).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      // Before the first one stands, on the same line, where its section begins.
      const [said] = /line \d+ x+$/.exec(line) ?? [];
      if (said === undefined) continue;
      count += 1;
      if (said !== `line ${count} ${padding}`) wrong += 1;
    }
  }
  return { bytes, lines: count, wrong };
}

/** Resident memory at its largest, proc(5). */
const peakMib = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
