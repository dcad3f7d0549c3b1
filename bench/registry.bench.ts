import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { newBootstrapKey, newKeyRing, partnersEnvironment, startPostgres, startRabbitmq } from '#embedded';
import { spawnService } from '#lab';
import type { BareOptions } from './registry/bare-server.js';
import type { Load, LoadReport } from './registry/load.js';
import { type Bench, type Figures, row, type Row, sideBySide } from './report.js';

const few = 10;
const many = 10_000;
const works = ['reading', 'changing'] as const;
const times = { connections: 16, warmUpMs: 500, measureMs: 2_000 };
const warmUpMs = { reading: 5_000, changing: 3_000 };
const schema = 'registry';

const caseOf = (work: string, projects: number): string =>
  `${work}, ${projects.toLocaleString('en-US')} projects`;

/** One project of few and of many, read and changed: the registry beside Fastify and pg with the same statements. */
export const bench: Bench = {
  title: `registry: one project of ${few} and of ${many}, ${times.connections} connections`,
  bars: [
    { case: caseOf('reading', few), metric: 'rate', peer: 'bare', atLeast: 0.5 },
    { case: caseOf('reading', many), metric: 'rate', peer: 'bare', atLeast: 0.5 },
    { case: caseOf('reading', many), metric: 'p99, growth', peer: 'ours at 10', atMost: 1.5 },
    { case: caseOf('changing', many), metric: 'p99, growth', peer: 'ours at 10', atMost: 1.5 },
  ],
  measure,
};

async function measure(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  // Its own place: PostgreSQL never runs as root, and must be able to enter.
  const database = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const postgres = await startPostgres({ directory: database });
  const rabbitmq = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  const bootstrapKey = newBootstrapKey();
  const registry = await spawnService('registry', {
    ...partnersEnvironment({
      amqpUrl: rabbitmq.url,
      keyRing: newKeyRing('bench'),
      postgres: { url: postgres.url, schema },
    }),
    SLIPWAY_LOG_LEVEL: 'warn',
    SLIPWAY_BOOTSTRAP_KEY: bootstrapKey,
  });
  const bare = await startBare({ postgresUrl: postgres.url, schema });
  try {
    const ours = { pid: registry.pid, origin: registry.url };
    const peer = { pid: bare.process.pid ?? 0, origin: bare.origin };
    const key = await adminKey(registry.url, bootstrapKey);
    const rows: Row[] = [];
    await fill(postgres.url, few);
    // Servers run for months: what they cost before their code is compiled is not what is asked for.
    for (const work of works)
      for (const { pid, origin } of [ours, peer])
        await underLoad(pid, { origin, key, work, projects: few, ...times, measureMs: warmUpMs[work] });
    for (const projects of [few, many]) {
      await fill(postgres.url, projects);
      for (const work of works)
        rows.push(
          ...(await sideBySide({
            case: caseOf(work, projects),
            units: { rate: 'requests/s', p50: 'ms', p99: 'ms', cpu: 'µs/request' },
            rounds: 3,
            ours: () => underLoad(ours.pid, { origin: ours.origin, key, work, projects, ...times }),
            peers: {
              bare: () => underLoad(peer.pid, { origin: peer.origin, key, work, projects, ...times }),
            },
          })),
        );
    }
    return [...rows, ...works.map((work) => growth(rows, work))];
  } finally {
    bare.process.kill();
    await registry.kill();
    await rabbitmq.stop();
    await postgres.stop();
    for (const made of [directory, database]) rmSync(made, { recursive: true, force: true });
  }
}

/** Our own p99 with many projects beside that with few. */
function growth(rows: readonly Row[], work: string): Row {
  const p99 = (projects: number): number =>
    rows.find((one) => one.case === caseOf(work, projects) && one.metric === 'p99')?.ours ?? NaN;
  return row(caseOf(work, many), 'p99, growth', 'ms', p99(many), { 'ours at 10': p99(few) });
}

async function underLoad(pid: number, load: Load): Promise<Figures> {
  const before = cpuMicroseconds(pid);
  const child = fork(new URL('./registry/load.js', import.meta.url));
  child.send(load);
  const [report] = (await once(child, 'message')) as [LoadReport];
  if (report.others > 0) throw new Error(`${report.others} requests were not answered 200`);
  const cpu = (cpuMicroseconds(pid) - before) / report.all;
  return { rate: report.rate, p50: report.p50, p99: report.p99, cpu };
}

/** User and system time of a process so far; proc(5), fields 14 and 15, in ticks of 10 ms. */
function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function startBare(
  options: BareOptions,
): Promise<{ readonly process: ChildProcess; readonly origin: string }> {
  const child = fork(new URL('./registry/bare-server.js', import.meta.url));
  child.send(options);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, origin: `http://127.0.0.1:${port}` };
}

async function adminKey(url: string, bootstrapKey: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/api-keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bootstrapKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', role: 'admin' }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { key: string }).key;
}

/** So many projects that nobody changed before, as the registry itself writes them. */
async function fill(postgresUrl: string, projects: number): Promise<void> {
  const client = new Client({ connectionString: postgresUrl, options: `-c search_path=${schema}` });
  await client.connect();
  try {
    await client.query('truncate resource_version');
    await client.query(
      `insert into resource_version (kind, id, name, project, version, revision, valid_from, spec, gone, changed_by, changed_via)
       select 'project', gen_random_uuid(), 'p' || n, 'p' || n, 1, nextval('registry_revision'), now(),
         jsonb_build_object('name', 'p' || n, 'kind', 'repository', 'url', 'https://example.org/p' || n), false, 'bench', 'bench'
       from generate_series(0, $1::int - 1) as n`,
      [projects],
    );
    await client.query('analyze resource_version');
  } finally {
    await client.end();
  }
}
