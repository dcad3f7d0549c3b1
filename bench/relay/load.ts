/**
 * The load generator, a process of its own: keeps `connections` sockets busy, one request at a time on each, and reports
 * how many were answered 202 and how long each took. Plain sockets: it must cost less than what it measures.
 */
import { connect, type Socket } from 'node:net';
import { requestPool } from './request-pool.js';

/** What the parent sends. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly secret: string;
  readonly connections: number;
  /** Not measured, in milliseconds. */
  readonly warmUpMs: number;
  /** Measured, in milliseconds. */
  readonly measureMs: number;
}

/** What was answered while it was measured: `accepted` with 202, `others` with anything else. */
export interface LoadReport {
  readonly accepted: number;
  readonly others: number;
  /** Milliseconds at the 99th percentile. */
  readonly p99: number;
  readonly seconds: number;
}

process.on('message', (load: Load | 'measure' | 'stop') => {
  if (typeof load === 'object') drive(load);
});

function drive({ port, path, secret, connections, warmUpMs, measureMs }: Load): void {
  const pool = requestPool({ path, secret, bytes: 1_024, count: 500 });
  const latencies: number[] = [];
  let next = 0;
  let others = 0;
  let measuring = false;
  const sockets = Array.from({ length: connections }, () =>
    connect({ port, host: '127.0.0.1', noDelay: true }),
  );
  const done = (socket: Socket, accepted: boolean, since: number): void => {
    if (measuring && accepted) latencies.push(performance.now() - since);
    else if (measuring) others += 1;
    keepBusy(socket);
  };
  const keepBusy = (socket: Socket): void => {
    const since = performance.now();
    socket.write(pool[next++ % pool.length] ?? '');
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!isWhole(text)) return;
      socket.off('data', onData);
      done(socket, text.startsWith('HTTP/1.1 202'), since);
    };
    socket.on('data', onData);
  };
  for (const socket of sockets) socket.once('connect', () => keepBusy(socket));
  setTimeout(() => {
    const began = performance.now();
    measuring = true;
    process.send?.('measuring');
    setTimeout(() => {
      measuring = false;
      const seconds = (performance.now() - began) / 1_000;
      latencies.sort((a, b) => a - b);
      const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? NaN;
      process.send?.({ accepted: latencies.length, others, p99, seconds } satisfies LoadReport);
      for (const socket of sockets) socket.destroy();
      process.disconnect();
    }, measureMs);
  }, warmUpMs);
}

const lengthHeader = /\r\ncontent-length: (\d+)/i;

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = Number(lengthHeader.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length >= head + 4 + length;
}
