import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobTemplate } from '#contracts';
import { composeJob } from '#grid';
import { waitFor } from '#lab';
import { recordEvents } from '../../test/scenarios/recorder.js';
import { row, type Row } from '../report.js';

/** A monitor that runs, and what the bench lends to speak to it as jobs do. `say` throws when it is refused. */
export interface JobEnds {
  readonly amqpUrl: string;
  readonly monitorUrl: string;
  readonly directory: string;
  /** Attempts that the monitor knows, begun or not. */
  readonly queue: (jobs: number, begin: boolean) => Promise<readonly string[]>;
  readonly tokenOf: (attemptId: string) => string;
  readonly say: (attemptId: string, what: string, body: string) => Promise<void>;
}

/** In seconds, from the end of a job's work until a subscriber hears of it. */
const promised = 2;
const callers = { rounds: 10, atOnce: 50, alive: 1_000, heartbeatMs: 30_000 };
const wrappers = { rounds: 5, atOnce: 4 };

/** From the end of a job to `job.succeeded`: by the call alone, and by the job's own script on a node. */
export async function jobEnds(site: JobEnds): Promise<readonly Row[]> {
  const recorder = await recordEvents(site.amqpUrl);
  const heard = (id: string): Promise<number> =>
    waitFor(() => recorder.named('job.succeeded').some(({ data }) => data['attemptId'] === id), {
      what: 'job.succeeded',
      intervalMs: 5,
    }).then(() => Date.now());
  try {
    return [
      ...rowsOf('end of a job, from its last call', await byCalls(site, heard)),
      ...rowsOf("end of a job, from its script's last line", await byWrappers(site, heard)),
    ];
  } finally {
    await recorder.close();
  }
}

type Heard = (attemptId: string) => Promise<number>;

/** Fifty jobs end at once, again and again, while a thousand others send their heartbeats. */
async function byCalls(site: JobEnds, heard: Heard): Promise<readonly number[]> {
  const alive = await site.queue(callers.alive, true);
  let next = 0;
  const beating = setInterval(
    () => void site.say(alive[next++ % alive.length] ?? '', 'heartbeat', '').catch(() => undefined),
    callers.heartbeatMs / callers.alive,
  );
  try {
    const seconds: number[] = [];
    for (let round = 0; round < callers.rounds; round++) {
      const ending = await site.queue(callers.atOnce, true);
      const began = Date.now();
      const times = ending.map(async (id) => {
        await site.say(id, 'end', 'fault=\nexit=0\nlog=0\n');
        return ((await heard(id)) - began) / 1_000;
      });
      seconds.push(...(await Promise.all(times)));
    }
    return seconds;
  } finally {
    clearInterval(beating);
  }
}

async function byWrappers(site: JobEnds, heard: Heard): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < wrappers.rounds; round++) {
    const ids = await site.queue(wrappers.atOnce, false);
    seconds.push(...(await Promise.all(ids.map((id) => byWrapper(site, id, heard)))));
  }
  return seconds;
}

async function byWrapper(site: JobEnds, attemptId: string, heard: Heard): Promise<number> {
  const place = join(site.directory, `end-${attemptId}`);
  mkdirSync(place);
  const ended = join(place, 'ended');
  const script = `echo some work; date +%s.%N >${ended}`;
  const template = jobTemplate.parse({ steps: [{ name: 'work', script }] });
  const files = composeJob(
    { groupId: randomUUID(), name: 'bench', project: 'bench', backend: 'bench', template },
    { jobId: randomUUID(), attemptId, index: 0, attempt: 1, item: { key: '0', variables: {} } },
    { monitorUrl: site.monitorUrl, token: site.tokenOf(attemptId) },
  );
  writeFileSync(join(place, 'slipway-job.sh'), files.wrapper);
  writeFileSync(join(place, 'slipway-group.sh'), files.groupSettings);
  writeFileSync(join(place, 'slipway-attempt.sh'), files.attemptSettings);
  const child = spawn('sh', ['slipway-job.sh'], { cwd: place, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const at = await heard(attemptId);
  await exited;
  return at / 1_000 - Number(readFileSync(ended, 'utf8'));
}

function rowsOf(name: string, seconds: readonly number[]): readonly Row[] {
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return [row(name, 'p50', 's', at(0.5), {}), row(name, 'p99', 's', at(0.99), { promised })];
}
