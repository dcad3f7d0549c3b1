import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { exchanges, webhookReceived } from '#contracts';
import { startRabbitmq } from '#embedded';
import { spawnService } from '#lab';
import type { BareOptions } from './relay/bare-server.js';
import type { Load, LoadReport } from './relay/load.js';
import { sideBySide, type Bench, type Figures, type Row } from './report.js';

const rounds = 3;
const connections = [1, 10, 100] as const;
const times = { warmUpMs: 2_000, measureMs: 6_000 };
/** Before all: servers run for months, and what they cost before their code is compiled is not what is asked for. */
const warmUpConnections = 100;
const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

/** A server under load. */
interface Contestant {
  readonly pid: number;
  readonly port: number;
  readonly path: string;
}

/** Accepted deliveries, with as many connections as the arguments say, or 1, 10 and 100: signed, 1 KB, answered when a quorum queue’s broker has confirmed. */
export const bench: Bench = {
  title: 'relay: signed deliveries of 1 KB, answered after the broker’s confirm',
  bars: [
    { case: 'connections 100', metric: 'rate', peer: 'bare', atLeast: 0.85 },
    { case: 'connections 100', metric: 'cpu', peer: 'bare', atMost: 1.5 },
    { case: 'connections 100', metric: 'p99', peer: 'bare', atMost: 1.5 },
  ],
  measure,
};

async function measure(args: readonly string[]): Promise<readonly Row[]> {
  const counts = args.length > 0 ? args.map(Number) : connections;
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  const relay = await startRelay(broker.url, directory);
  try {
    await declareQueue(broker.url);
    const bare = await startBare(broker.url, true);
    const bodyAlone = await startBare(broker.url, false);
    try {
      for (const server of [relay.contestant, bare.contestant, bodyAlone.contestant])
        await underLoad(server, warmUpConnections);
      const rows: Row[] = [];
      for (const count of counts)
        rows.push(
          ...(await sideBySide(planOf(count, relay.contestant, bare.contestant, bodyAlone.contestant))),
        );
      return rows;
    } finally {
      bare.process.kill();
      bodyAlone.process.kill();
    }
  } finally {
    await relay.stop();
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function planOf(
  count: number,
  relay: Contestant,
  bare: Contestant,
  bodyAlone: Contestant,
): Parameters<typeof sideBySide>[0] {
  return {
    case: `connections ${count}`,
    units: { rate: 'deliveries/s', p99: 'ms', cpu: 'µs/delivery' },
    rounds,
    ours: () => underLoad(relay, count),
    // The second shows what CloudEvents cost; no bar is set against it.
    peers: { bare: () => underLoad(bare, count), 'bare-body': () => underLoad(bodyAlone, count) },
  };
}

async function underLoad(server: Contestant, count: number): Promise<Figures> {
  const child = fork(new URL('./relay/load.js', import.meta.url));
  const { port, path } = server;
  child.send({ port, path, secret, connections: count, ...times } satisfies Load);
  await once(child, 'message');
  const before = cpuMicroseconds(server.pid);
  const [report] = (await once(child, 'message')) as [LoadReport];
  const cpu = cpuMicroseconds(server.pid) - before;
  if (report.others > 0) throw new Error(`${report.others} deliveries were not answered 202`);
  return { rate: report.accepted / report.seconds, p99: report.p99, cpu: cpu / report.accepted };
}

/** User and system time of a process so far; proc(5), fields 14 and 15, in ticks of 10 ms. */
function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function startRelay(amqpUrl: string, directory: string) {
  const file = join(directory, 'slipway.yml');
  const source = { name: 'bench', kind: 'standard-webhooks', secrets: [{ env: 'BENCH' }] };
  // JSON is YAML.
  const sources = [{ ...source, rate: { perSecond: 1_000_000, burst: 1_000_000 } }];
  writeFileSync(file, JSON.stringify({ sources }));
  const service = await spawnService('webhook-relay', {
    SLIPWAY_AMQP_URL: amqpUrl,
    SLIPWAY_CONFIG: file,
    BENCH: secret,
  });
  const contestant = { pid: service.pid, port: Number(new URL(service.url).port), path: '/hooks/bench' };
  return { contestant, stop: () => service.kill() };
}

async function startBare(
  amqpUrl: string,
  cloudEvent: boolean,
): Promise<{ process: ChildProcess; contestant: Contestant }> {
  const child = fork(new URL('./relay/bare-server.js', import.meta.url));
  const { routingKey } = webhookReceived;
  const options = { amqpUrl, secret, exchange: exchanges.events, routingKey, cloudEvent };
  child.send(options satisfies BareOptions);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, contestant: { pid: child.pid ?? 0, port, path: '/' } };
}

/** Both publish to it alike. Bounded: the bench is about taking in, and its disk is not endless. */
async function declareQueue(amqpUrl: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  const bounds = { 'x-max-length': 10_000, 'x-overflow': 'drop-head' };
  await channel.assertQueue('bench.deliveries', {
    durable: true,
    arguments: { 'x-queue-type': 'quorum', ...bounds },
  });
  await channel.bindQueue('bench.deliveries', exchanges.events, webhookReceived.routingKey);
  await connection.close();
}
