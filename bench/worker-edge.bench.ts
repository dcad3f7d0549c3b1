import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, silentLogger } from '#bus';
import { groupQueued, jobTemplate } from '#contracts';
import {
  directoryEnvironment,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { attemptIdOf, composeJob, jobIdOf } from '#grid';
import { type SpawnedService, spawnService, waitFor } from '#lab';
import { openKeyRing } from '#secrets';
import { type Bench, type Figures, type Row, row, sideBySide } from './report.js';
import type { BareEdge } from './worker-edge/bare-edge.js';
import { jobEnds, type JobEnds } from './worker-edge/job-ends.js';
import type { JobLoad, JobLoadReport } from './worker-edge/job-load.js';

const rounds = 3;
const attemptsInAll = 1_000;
const times = { warmUpMs: 1_000, measureMs: 3_000, connections: 32 };
const session = 'ab'.repeat(16);
const keyRing = newKeyRing('bench');
const ring = openKeyRing(keyRing);
const tokenOf = (attemptId: string): string => ring.seal(attemptId, 'worker');
const gib = 2 ** 30;

/** What jobs say to the monitor: heartbeats, pieces of log, and one log of 1 GiB through the real wrapper. */
export const bench: Bench = {
  title: 'worker-edge: heartbeats and pieces of log (4 KB) of 1,000 jobs; a job that writes 1 GiB',
  bars: [
    { case: 'heartbeats', metric: 'cpu', peer: 'bare', atMost: 1.5 },
    { case: 'pieces of log', metric: 'cpu', peer: 'bare', atMost: 1.5 },
    { case: 'end of a job, from its last call', metric: 'p99', peer: 'promised', atMost: 1 },
    { case: "end of a job, from its script's last line", metric: 'p99', peer: 'promised', atMost: 1 },
    { case: 'log of 1 GiB', metric: 'job', peer: 'to a file', atMost: 1.5 },
  ],
  measure,
};

interface Contestant {
  readonly url: string;
  readonly pid: number;
}

/** @param args which of `heartbeats`, `pieces`, `ends` and `large` alone; all without one */
async function measure(args: readonly string[]): Promise<readonly Row[]> {
  const isWanted = (name: string): boolean => args.length === 0 || args.includes(name);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-edge-'));
  // PostgreSQL runs as another user where this one is root.
  chmodSync(directory, 0o711);
  const broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  const postgres = await startPostgres({ directory: join(directory, 'postgres') });
  const monitor = await startMonitor(directory, broker.url, postgres.url);
  const bare = fork(new URL('./worker-edge/bare-edge.js', import.meta.url));
  try {
    const isCalling = isWanted('heartbeats') || isWanted('pieces');
    const ids = isCalling ? await queue(broker.url, monitor.url, attemptsInAll) : [];
    const attempts = ids.map((id) => ({ id, token: tokenOf(id) }));
    const beside = await startBare(bare, postgres.url, ids);
    const rows: Row[] = [];
    for (const [name, call] of [
      ['heartbeats', 'heartbeat'],
      ['pieces of log', 'log'],
    ] as const) {
      if (!isWanted(name.split(' ')[0] ?? '')) continue;
      const under = (server: Contestant) => {
        // Logs go on where they are: each round has attempts of its own.
        let round = 0;
        return () => underLoad(server, call, call === 'log' ? portion(attempts, round++) : attempts);
      };
      const units = { rate: 'calls/s', 'per core': 'calls/s', cpu: 'µs/call', p99: 'ms' };
      const ours = under(monitor);
      rows.push(...(await sideBySide({ case: name, units, rounds, ours, peers: { bare: under(beside) } })));
    }
    if (isWanted('ends')) rows.push(...(await jobEnds(siteOf(directory, broker.url, monitor))));
    if (isWanted('large')) rows.push(...(await largeLog(directory, broker.url, monitor)));
    return rows;
  } finally {
    bare.kill();
    await monitor.kill();
    await postgres.stop();
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function underLoad(
  server: Contestant,
  call: JobLoad['call'],
  attempts: JobLoad['attempts'],
): Promise<Figures> {
  const child = fork(new URL('./worker-edge/job-load.js', import.meta.url));
  const before = cpuMicroseconds(server.pid);
  child.send({ url: server.url, call, attempts, session, ...times } satisfies JobLoad);
  const [report] = (await once(child, 'message')) as [JobLoadReport];
  const seconds = report.seconds + times.warmUpMs / 1_000;
  // The warm-up's calls cost as well: their share by time.
  const cpu = ((cpuMicroseconds(server.pid) - before) / report.calls) * (report.seconds / seconds);
  return { rate: report.calls / report.seconds, 'per core': 1_000_000 / cpu, cpu, p99: report.p99 };
}

const portion = (attempts: JobLoad['attempts'], round: number): JobLoad['attempts'] =>
  attempts.slice(round * times.connections, (round + 1) * times.connections);

/** User and system time of a process so far; proc(5), fields 14 and 15, in ticks of 10 ms. */
function cpuMicroseconds(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const statOf = (pid: number): readonly string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

const peakMib = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

function startMonitor(directory: string, amqpUrl: string, postgresUrl: string): Promise<SpawnedService> {
  const own = directoryEnvironment(directory);
  writeFileSync(own.SLIPWAY_CONFIG, JSON.stringify({ backends: [], projects: [] }));
  const partners = partnersEnvironment({ amqpUrl, keyRing, postgres: { url: postgresUrl } });
  return spawnService('status-monitor', { ...own, ...partners });
}

async function startBare(child: ChildProcess, url: string, attempts: readonly string[]): Promise<Contestant> {
  child.send({ url, attempts } satisfies BareEdge);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 };
}

/** A group that is accepted and whose jobs have begun. */
async function queue(amqpUrl: string, url: string, jobs: number, begin = true): Promise<readonly string[]> {
  const bus = connectBus({ url: amqpUrl, service: 'bench', logger: silentLogger });
  await bus.started();
  const groupId = randomUUID();
  await bus.publish(groupQueued, {
    groupId,
    name: 'bench',
    project: 'bench',
    backend: 'bench',
    template: jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] }),
    items: Array.from({ length: jobs }, (_, index) => ({ key: String(index), variables: {} })),
    labels: {},
    requestedBy: 'bench',
    requestedAt: new Date().toISOString(),
  });
  await bus.close();
  const ids = Array.from({ length: jobs }, (_, index) => attemptIdOf(jobIdOf(groupId, index), 1));
  if (!begin) return ids;
  const begun = async (id: string): Promise<void> =>
    void (await waitFor(() => started(url, id), { what: 'the attempt to begin' }));
  for (let from = 0; from < ids.length; from += 50) await Promise.all(ids.slice(from, from + 50).map(begun));
  return ids;
}

const started = (url: string, id: string): Promise<boolean> => say(url, id, 'start', '');

async function say(url: string, id: string, what: string, body: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${tokenOf(id)}`, 'x-slipway-session': session };
  const answer = await fetch(`${url}/worker/v1/attempts/${id}/${what}`, { method: 'POST', headers, body });
  await answer.text();
  return answer.ok;
}

const siteOf = (directory: string, amqpUrl: string, { url }: SpawnedService): JobEnds => ({
  amqpUrl,
  monitorUrl: url,
  directory,
  tokenOf,
  queue: (jobs, begin) => queue(amqpUrl, url, jobs, begin),
  say: async (id, what, body) => {
    if (!(await say(url, id, what, body))) throw new Error(`${what} was refused`);
  },
});

/** How long a job takes that writes as fast as it can, beside the same into a file; and until all of it has arrived. */
async function largeLog(
  directory: string,
  amqpUrl: string,
  monitor: SpawnedService,
): Promise<readonly Row[]> {
  const [attemptId = ''] = await queue(amqpUrl, monitor.url, 1, false);
  const place = join(directory, 'node');
  mkdirSync(place);
  const text = join(place, 'text');
  const lines = Array.from(
    { length: 10_000 },
    (_, n) => `${n} ${randomBytes(24).toString('hex')} of an event\n`,
  );
  const chapter = lines.join('');
  // One text of a gibibyte is more than a string may hold.
  for (let bytes = 0; bytes < gib; bytes += chapter.length) appendFileSync(text, chapter);
  const write = `cat ${JSON.stringify(text)} | head -c ${gib}`;
  const toFile = await secondsOf(place, ['sh', '-c', `${write} >beside; rm beside`]);
  const template = jobTemplate.parse({ steps: [{ name: 'write', script: `${write}; date +%s.%N >&3` }] });
  const files = composeJob(
    { groupId: randomUUID(), name: 'bench', project: 'bench', backend: 'bench', template },
    { jobId: randomUUID(), attemptId, index: 0, attempt: 1, item: { key: '0', variables: {} } },
    { monitorUrl: monitor.url, token: tokenOf(attemptId) },
  );
  writeFileSync(join(place, 'slipway-job.sh'), files.wrapper);
  writeFileSync(join(place, 'slipway-group.sh'), files.groupSettings);
  writeFileSync(join(place, 'slipway-attempt.sh'), files.attemptSettings);
  const began = Date.now() / 1_000;
  const arrived = await secondsOf(place, ['sh', '-c', 'exec sh slipway-job.sh 3>ended']);
  const job = Number(readFileSync(join(place, 'ended'), 'utf8')) - began;
  return [
    row('log of 1 GiB', 'job', 's', job, { 'to a file': toFile }),
    row('log of 1 GiB', 'arrived', 's', arrived, {}),
    row('log of 1 GiB', 'peak memory of the monitor', 'MiB', peakMib(monitor.pid), {}),
  ];
}

async function secondsOf(cwd: string, [program = 'sh', ...args]: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(program, args, { cwd, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`it ended with ${code}`);
  return (performance.now() - start) / 1_000;
}
