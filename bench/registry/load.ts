import { Pool } from 'undici';

/** What a load process is told. */
export interface Load {
  readonly origin: string;
  readonly key: string;
  readonly work: 'reading' | 'changing';
  /** How many projects there are: `p0`, `p1`, …. */
  readonly projects: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** All but `others` and `all` is of the time after the warm-up. */
export interface LoadReport {
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 200. */
  readonly others: number;
  /** Requests, the warm-up's included. */
  readonly all: number;
}

process.once(
  'message',
  (load: Load) => void run(load).then((report) => process.send?.(report, () => process.exit(0))),
);

async function run(load: Load): Promise<LoadReport> {
  const pool = new Pool(load.origin, { connections: load.connections, pipelining: 1 });
  const taken: number[] = [];
  let others = 0;
  let isMeasured = false;
  let count = 0;
  const end = performance.now() + load.warmUpMs + load.measureMs;
  setTimeout(() => (isMeasured = true), load.warmUpMs);
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      const { statusCode, body } = await pool.request(requestOf(load, count++));
      await body.dump();
      if (statusCode !== 200) others++;
      if (isMeasured) taken.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, one));
  await pool.close();
  const sorted = taken.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { rate: taken.length / (load.measureMs / 1_000), p50: at(0.5), p99: at(0.99), others, all: count };
}

function requestOf({ work, projects, key }: Load, count: number): Parameters<Pool['request']>[0] {
  const name = `p${Math.floor(Math.random() * projects)}`;
  const path = `/api/v1/projects/${name}`;
  const headers = { authorization: `Bearer ${key}` };
  if (work === 'reading') return { method: 'GET', path, headers };
  const body = {
    name,
    kind: 'repository',
    url: `https://example.org/${name}`,
    description: `${count} ${Math.random()}`,
  };
  return {
    method: 'PUT',
    path,
    headers: { ...headers, 'if-match': '*', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
