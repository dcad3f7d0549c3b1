import { waitFor } from '#lab';
import { recordEvents } from '../test/scenarios/recorder.js';
import { cpuMs, pollSeconds, pollsOf, type Site, startSite, watchMemory } from './monitor/site.js';
import { type Bench, row, type Row } from './report.js';

const sizes = [10_000, 100_000] as const;
/** So many that the heap is collected as a whole meanwhile. */
const polls = 8;
const changed = 500;

/** What following live jobs costs. The batch system is a simulated one; what its client costs is in our figures. */
export const bench: Bench = {
  title: 'monitor: 10,000 and 100,000 live jobs: polls, from a state to its event, memory',
  bars: [
    { case: '100,000 live jobs', metric: 'poll time per 1,000 jobs', peer: '10,000 live jobs', atMost: 1.3 },
    { case: '100,000 live jobs', metric: 'poll CPU per 1,000 jobs', peer: '10,000 live jobs', atMost: 1.3 },
    ...sizes.map((size) => ({
      case: `${named(size)} live jobs`,
      metric: 'state to event p99',
      peer: 'poll interval + 1 s',
      atMost: 1,
    })),
  ],
  measure,
};

async function measure(args: readonly string[]): Promise<readonly Row[]> {
  const wanted = sizes.filter((size) => args.length === 0 || args.includes(String(size)));
  const rows: Row[] = [];
  let smaller: Cost | undefined;
  for (const size of wanted) {
    const site = await startSite(size);
    try {
      const cost = await costOfPolls(site, size);
      const its = await rowsOf(site, size, cost, smaller);
      rows.push(...its);
      for (const { metric, unit, ours } of its) console.error(`  ${named(size)} · ${metric} ${ours} ${unit}`);
      smaller ??= cost;
    } finally {
      await site.close();
    }
  }
  return rows;
}

interface Cost {
  /** Milliseconds for 1,000 jobs. */
  readonly time: number;
  readonly cpu: number;
  /** MiB, from the third poll on. */
  readonly memory: { readonly least: number; readonly most: number };
}

async function costOfPolls({ service }: Site, jobs: number): Promise<Cost> {
  const seen = async (count: number) =>
    waitFor(
      async () => {
        const now = await pollsOf(service.url);
        return now.count >= count ? now : undefined;
      },
      { what: 'polls', deadlineMs: 120_000, intervalMs: 20 },
    );
  const first = await seen((await pollsOf(service.url)).count + 2);
  const cpu = cpuMs(service.pid);
  const memory = watchMemory(service.pid);
  const last = await seen(first.count + polls);
  const thousands = (jobs / 1_000) * (last.count - first.count);
  return {
    time: ((last.seconds - first.seconds) * 1_000) / thousands,
    cpu: (cpuMs(service.pid) - cpu) / thousands,
    memory: memory(),
  };
}

async function rowsOf(site: Site, size: number, cost: Cost, smaller: Cost | undefined): Promise<Row[]> {
  const name = `${named(size)} live jobs`;
  const peer = smaller
    ? { time: { '10,000 live jobs': smaller.time }, cpu: { '10,000 live jobs': smaller.cpu } }
    : undefined;
  const bare = await bareUpdate(site);
  return [
    row(name, 'poll time per 1,000 jobs', 'ms', cost.time, {
      'bare update of all rows': bare,
      ...peer?.time,
    }),
    row(name, 'poll CPU per 1,000 jobs', 'ms', cost.cpu, { ...peer?.cpu }),
    row(name, 'state to event p99', 's', await stateToEvent(site), {
      'poll interval + 1 s': pollSeconds + 1,
    }),
    row(name, 'memory at least', 'MiB', cost.memory.least, {}),
    row(name, 'memory at most', 'MiB', cost.memory.most, {}),
  ];
}

/** Who does not compare writes every row that the batch system tells of: milliseconds for 1,000. */
async function bareUpdate({ database, attempts }: Site): Promise<number> {
  await database.query('create table bare_attempt (batch_id text primary key, state text)');
  const ids = attempts.map(({ batchId }) => batchId);
  await database.query(`insert into bare_attempt select unnest($1::text[]), 'waiting'`, [ids]);
  const began = performance.now();
  await database.query(
    `update bare_attempt a set state = u.state from unnest($1::text[], $2::text[]) as u (batch_id, state)
     where a.batch_id = u.batch_id`,
    [ids, ids.map(() => 'waiting')],
  );
  const took = performance.now() - began;
  await database.query('drop table bare_attempt');
  return took / (ids.length / 1_000);
}

/** From a change in the batch system until a subscriber has the event, the slowest of a hundred, in seconds. */
async function stateToEvent({ grid, amqpUrl, attempts }: Site): Promise<number> {
  const recorder = await recordEvents(amqpUrl);
  const seconds: number[] = [];
  try {
    for (let round = 0; round < 3; round++) {
      const some = attempts.slice(round * changed, (round + 1) * changed);
      const ids = new Set(some.map(({ id }) => id));
      const began = performance.now();
      await grid.change(
        some.map(({ batchId }) => batchId),
        { state: 'running', node: 'bench' },
      );
      const heard = new Set<string>();
      await waitFor(
        () => {
          for (const { data } of recorder.named('job.running')) {
            const id = String(data['attemptId']);
            if (!ids.has(id) || heard.has(id)) continue;
            heard.add(id);
            seconds.push((performance.now() - began) / 1_000);
          }
          return heard.size === ids.size;
        },
        { what: 'events', deadlineMs: 60_000, intervalMs: 10 },
      );
    }
  } finally {
    await recorder.close();
  }
  seconds.sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length * 0.99)] ?? NaN;
}

function named(size: number): string {
  return size.toLocaleString('en');
}
