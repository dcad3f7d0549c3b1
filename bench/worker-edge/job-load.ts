/** Many jobs at once, in a process of their own: each connection speaks for its own attempts, one call after the other. */
import { Pool } from 'undici';

/** What the parent sends. */
export interface JobLoad {
  readonly url: string;
  readonly call: 'heartbeat' | 'log';
  readonly attempts: readonly { readonly id: string; readonly token: string }[];
  readonly session: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Of the calls that began after the warm-up. One that is refused is in no figure: it ends the process. */
export interface JobLoadReport {
  readonly calls: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p99: number;
}

const line = `${'the quick brown fox jumps over the lazy dog '.repeat(2)}\n`;
/** As much as a job that writes 45 lines between two calls. */
const piece = Buffer.from(line.repeat(45));

process.on('message', (load: JobLoad) => {
  void report(load);
});

async function report(load: JobLoad): Promise<void> {
  process.send?.(await drive(load));
  process.disconnect();
}

async function drive(load: JobLoad): Promise<JobLoadReport> {
  const pool = new Pool(load.url, { connections: load.connections });
  const latencies: number[] = [];
  const start = performance.now() + load.warmUpMs;
  const until = start + load.measureMs;
  const offsets = new Map<string, number>();
  const speak = async (index: number): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn++) {
      const place = (index + turn * load.connections) % load.attempts.length;
      const attempt = load.attempts[place];
      if (!attempt) return;
      const began = performance.now();
      await call(pool, load, attempt, offsets.get(attempt.id) ?? 0);
      if (load.call === 'log') offsets.set(attempt.id, (offsets.get(attempt.id) ?? 0) + piece.length);
      if (began >= start) latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, (_, index) => speak(index)));
  const seconds = (performance.now() - start) / 1_000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? NaN;
  return { calls: latencies.length, seconds, p99 };
}

async function call(
  pool: Pool,
  { call: what, session }: JobLoad,
  { id, token }: JobLoad['attempts'][number],
  offset: number,
): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: what === 'log' ? 'PUT' : 'POST',
    path: `/worker/v1/attempts/${id}/${what === 'log' ? `log?offset=${offset}` : what}`,
    headers: {
      authorization: `Bearer ${token}`,
      'x-slipway-session': session,
      'content-type': 'application/octet-stream',
    },
    body: what === 'log' ? piece : '',
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${statusCode}: ${text}`);
}
