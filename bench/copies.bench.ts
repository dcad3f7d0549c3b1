import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { everyChange, exchanges } from '#contracts';
import {
  directoryEnvironment,
  newBootstrapKey,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { spawnService, waitFor, type SpawnedService } from '#lab';
import { median, type Bench, type Row } from './report.js';

// Each service that was started is killed with this process.
process.setMaxListeners(50);

const rounds = 3;
const copies = 3;
const changesPerRound = 100;
/** What is promised, in milliseconds. */
const limitMs = 1_000;

/** How long, after the answer to a change, until every copy of every service knows it. */
export const bench: Bench = {
  title: `copies: from the answer to a change until ${copies} relays and ${copies} publishers know it, ${copies} registries`,
  bars: ['one after another', 'ten at once'].flatMap((change) =>
    ['webhook-relay', 'cvmfs-publisher'].map((service) => ({
      case: `${service}, ${change}`,
      metric: 'p99',
      peer: 'limit',
      atMost: 1,
    })),
  ),
  measure,
};

interface Site {
  readonly registries: readonly SpawnedService[];
  readonly followers: Readonly<Record<string, readonly SpawnedService[]>>;
  readonly key: string;
  /** When a bare subscriber of the broker heard of each revision, in milliseconds since the epoch. */
  readonly bare: ReadonlyMap<number, number>;
}

async function measure(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-copies-'));
  // PostgreSQL runs as a user of its own where this runs as root.
  chmodSync(directory, 0o755);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const site = await startSite(directory, closing);
    await changes(site, 20, 5);
    const rows: Row[] = [];
    for (const [name, atOnce] of [
      ['one after another', 1],
      ['ten at once', 10],
    ] as const) {
      const figures: Record<string, Latencies[]> = {};
      for (let round = 0; round < rounds; round++) {
        for (const [service, latencies] of await measureRound(site, atOnce)) {
          (figures[service] ??= []).push(latencies);
        }
      }
      for (const service of Object.keys(site.followers)) {
        rows.push(...rowsOf(`${service}, ${name}`, figures[service] ?? [], figures['bare'] ?? []));
      }
    }
    return rows;
  } finally {
    for (const close of closing.reverse()) await close().catch(() => {});
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startSite(directory: string, closing: (() => Promise<unknown>)[]): Promise<Site> {
  const broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  closing.push(() => broker.stop());
  const postgres = await startPostgres({ directory: join(directory, 'postgres') });
  closing.push(() => postgres.stop());
  const bootstrap = newBootstrapKey();
  const shared = partnersEnvironment({
    amqpUrl: broker.url,
    keyRing: newKeyRing('bench'),
    postgres: { url: postgres.url },
  });
  const start = async (name: string, more: Record<string, string> = {}): Promise<SpawnedService> => {
    const service = await spawnService(name, { ...shared, ...more }, { readyDeadlineMs: 60_000 });
    closing.push(() => service.kill('SIGKILL'));
    return service;
  };
  const several = async (name: string, more: (n: number) => Record<string, string>) => {
    const services: SpawnedService[] = [];
    for (let n = 0; n < copies; n++) services.push(await start(name, more(n)));
    return services;
  };
  const registries = await several('registry', () => ({ SLIPWAY_BOOTSTRAP_KEY: bootstrap }));
  const key = await adminKey(registries[0], bootstrap);
  const follower = (service: string) => (n: number) => ({
    ...directoryEnvironment(join(directory, `${service}-${n}`)),
    SLIPWAY_REGISTRY: 'on',
  });
  const followers = {
    'webhook-relay': await several('webhook-relay', follower('relay')),
    'cvmfs-publisher': await several('cvmfs-publisher', follower('publisher')),
  };
  const bare = await listenBare(broker.url, closing);
  return { registries, followers, key, bare };
}

async function adminKey(registry: SpawnedService | undefined, bootstrap: string): Promise<string> {
  const answer = await send(registry, bootstrap, 'POST', '/api/v1/api-keys', {
    name: 'bench',
    role: 'admin',
  });
  return (answer as { readonly key: string }).key;
}

async function send(
  registry: SpawnedService | undefined,
  key: string,
  method: string,
  path: string,
  body: object,
): Promise<unknown> {
  const response = await fetch(`${registry?.url ?? ''}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} from ${method} ${path}: ${text}`);
  return JSON.parse(text) as unknown;
}

/** A subscriber with nothing around it: what broker, outbox and wire take by themselves. */
async function listenBare(
  url: string,
  closing: (() => Promise<unknown>)[],
): Promise<ReadonlyMap<number, number>> {
  const heard = new Map<number, number>();
  const connection = await connect(url, { noDelay: true });
  closing.push(() => connection.close());
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchanges.events, everyChange);
  const note = (message: { readonly content: Buffer } | null): void => {
    if (!message) return;
    const { revision } = JSON.parse(message.content.toString()) as { revision: number };
    if (!heard.has(revision)) heard.set(revision, Date.now());
  };
  await channel.consume(queue, note, { noAck: true });
  return heard;
}

interface Made {
  readonly revision: number;
  readonly answeredAt: number;
}

/** Makes credentials, which both services keep, through the registries in turn. */
async function changes({ registries, key }: Site, count: number, atOnce: number): Promise<readonly Made[]> {
  const made: Made[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      const body = {
        name: `bench-${randomBytes(8).toString('hex')}`,
        type: 'webhook-secret',
        secret: randomBytes(16).toString('hex'),
      };
      const answer = await send(registries[n % registries.length], key, 'POST', '/api/v1/credentials', body);
      made.push({ revision: (answer as { revision: number }).revision, answeredAt: Date.now() });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return made;
}

type Latencies = readonly number[];

/** By service, and for the bare subscriber: milliseconds from each change's answer to each copy's knowledge. */
async function measureRound(site: Site, atOnce: number): Promise<ReadonlyMap<string, Latencies>> {
  const made = await changes(site, changesPerRound, atOnce);
  const newest = Math.max(...made.map(({ revision }) => revision));
  const all = Object.values(site.followers).flat();
  await waitFor(() => all.every((service) => knowledgeOf(service).has(newest)), {
    what: 'every copy to know',
  });
  await waitFor(() => site.bare.has(newest), { what: 'the bare subscriber' });
  const latencies = new Map<string, Latencies>([['bare', since(made, site.bare)]]);
  for (const [name, services] of Object.entries(site.followers)) {
    latencies.set(
      name,
      services.flatMap((service) => since(made, knowledgeOf(service))),
    );
  }
  return latencies;
}

const since = (made: readonly Made[], known: ReadonlyMap<number, number>): Latencies =>
  // What is known before its answer has arrived is known at once.
  made.map(({ revision, answeredAt }) => Math.max(0, (known.get(revision) ?? Infinity) - answeredAt));

/** When a service knew of which revision, as its log tells. */
function knowledgeOf(service: SpawnedService): ReadonlyMap<number, number> {
  const known = new Map<number, number>();
  for (const line of service.logs()) {
    if (!line.includes('the registry says something new')) continue;
    const { revision, time } = JSON.parse(line) as { revision: number; time: string | number };
    if (!known.has(revision)) known.set(revision, new Date(time).getTime());
  }
  return known;
}

function rowsOf(name: string, ours: readonly Latencies[], bare: readonly Latencies[]): Row[] {
  return [50, 99, 100].map((percent) => {
    const at = (round: Latencies): number =>
      round.toSorted((a, b) => a - b)[Math.ceil((round.length * percent) / 100) - 1] ?? NaN;
    const figure = median(ours.map(at));
    const subscriber = median(bare.map(at));
    return {
      case: name,
      metric: percent === 100 ? 'longest' : `p${percent}`,
      unit: 'ms',
      ours: figure,
      beside: { limit: limitMs, 'bare subscriber': subscriber },
      ratio: { limit: figure / limitMs, 'bare subscriber': figure / subscriber },
    };
  });
}
