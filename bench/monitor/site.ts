import { randomUUID } from 'node:crypto';
import { readFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  directoryEnvironment,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { attemptIdOf, jobIdOf } from '#grid';
import { type SpawnedService, spawnService } from '#lab';
import { Client } from 'pg';
import { type SimulatedGrid, startSimulatedGrid } from '../../test/stand-ins/batch-system/index.js';

/** A monitor with so many live jobs, and what it needs, all of this bench's own. */
export interface Site {
  readonly service: SpawnedService;
  readonly grid: SimulatedGrid;
  readonly amqpUrl: string;
  readonly database: Client;
  readonly attempts: readonly { readonly id: string; readonly batchId: string }[];
  close(): Promise<void>;
}

/** The monitor's interval: an event may come so much later than its change in the batch system, and a second. */
export const pollSeconds = 4;
const jobsOfGroup = 10_000;

/** Resolves when all jobs wait in the batch system and stand in the monitor's tables. */
export async function startSite(jobs: number): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-monitor-'));
  // PostgreSQL runs as a user of its own where this runs as root.
  chmodSync(directory, 0o755);
  const [broker, postgres, grid] = await Promise.all([
    startRabbitmq({ directory: join(directory, 'rabbitmq') }),
    startPostgres({ directory: join(directory, 'postgres') }),
    startSimulatedGrid(),
  ]);
  const own = directoryEnvironment(directory);
  const pool = { name: 'pool', kind: 'plugin', plugin: 'simulated', options: { url: grid.url } };
  writeFileSync(own.SLIPWAY_CONFIG, JSON.stringify({ backends: [pool] }));
  const service = await spawnService('status-monitor', {
    ...own,
    ...partnersEnvironment({
      amqpUrl: broker.url,
      keyRing: newKeyRing('bench'),
      postgres: { url: postgres.url, schema: 'monitor' },
    }),
    SLIPWAY_PLUGINS: grid.plugin,
    SLIPWAY_POLL_SECONDS: String(pollSeconds),
  });
  const database = new Client({ connectionString: postgres.url, options: '-c search_path=monitor' });
  await database.connect();
  const attempts: { id: string; batchId: string }[] = [];
  for (let from = 0; from < jobs; from += jobsOfGroup)
    attempts.push(...(await seed(grid, database, Math.min(jobsOfGroup, jobs - from))));
  await database.query('analyze');
  return {
    service,
    grid,
    amqpUrl: broker.url,
    database,
    attempts,
    close: async () => {
      await service.kill('SIGKILL');
      await Promise.allSettled([database.end(), grid.stop()]);
      await Promise.allSettled([broker.stop(), postgres.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A group whose jobs wait in the batch system, written past the service: how it got there is not measured. */
async function seed(
  grid: SimulatedGrid,
  database: Client,
  jobs: number,
): Promise<{ id: string; batchId: string }[]> {
  const groupId = randomUUID();
  const rows = Array.from({ length: jobs }, (_, index) => {
    const job = jobIdOf(groupId, index);
    return { job, id: attemptIdOf(job, 1), index };
  });
  const body = { id: groupId, house: 'slipway', attempts: rows.map(({ id }) => id) };
  const answer = await fetch(`${grid.url}/submit`, { method: 'POST', body: JSON.stringify(body) });
  const taken = (await answer.json()) as { batchId: string }[];
  const items = rows.map((each, place) => ({ ...each, batch: taken[place]?.batchId ?? '' }));
  await database.query('begin');
  await database.query(
    `insert into job_group (id, name, project, backend, template, labels, jobs, requested_by, requested_at)
     values ($1, 'bench', 'bench', 'pool', '{"retries": {"most": 0, "on": [], "delaySeconds": 0}}', '{}', $2, 'bench', now())`,
    [groupId, jobs],
  );
  await database.query(
    `insert into job (id, made_at, group_id, index, key, variables)
     select "job", now(), $2, "index", 'job ' || "index", '{}'
     from jsonb_to_recordset($1::jsonb) as u ("job" uuid, "index" int)`,
    [JSON.stringify(items), groupId],
  );
  await database.query(
    `insert into attempt (id, made_at, group_id, job_id, index, number, project, backend, state, state_at, queued_at,
       batch_id)
     select "id", now(), $2, "job", "index", 1, 'bench', 'pool', 'waiting', now(), now(), "batch"
     from jsonb_to_recordset($1::jsonb) as u ("id" uuid, "job" uuid, "index" int, "batch" text)`,
    [JSON.stringify(items), groupId],
  );
  await database.query('commit');
  return items.map(({ id, batch }) => ({ id, batchId: batch }));
}

/** Processor time of a process so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // Of Linux' ticks a second has a hundred.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * Resident memory in MiB from now on, until it is asked for. One moment would say little: what a poll leaves behind lies
 * about until the next collection of the whole heap.
 */
export function watchMemory(pid: number): () => { readonly least: number; readonly most: number } {
  const seen = [residentMib(pid)];
  const timer = setInterval(() => seen.push(residentMib(pid)), 100);
  return () => {
    clearInterval(timer);
    return { least: Math.min(...seen), most: Math.max(...seen) };
  };
}

function residentMib(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1_024;
}

/** Polls of a monitor so far, and how long they took in all, in seconds. */
export async function pollsOf(url: string): Promise<{ readonly count: number; readonly seconds: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (what: string): number =>
    Number(
      new RegExp(`slipway_monitor_poll_seconds_${what}\\{backend="pool"[^}]*\\} (\\S+)`).exec(text)?.[1] ?? 0,
    );
  return { count: value('count'), seconds: value('sum') };
}
