import { get } from 'node:http';
import { connect } from 'node:net';

const probeTimeoutMs = 2_000;

/** Resolves when something accepts TCP connections on the port of 127.0.0.1. */
export function acceptsConnections(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: probeTimeoutMs });
    const fail = (error?: Error): void => {
      socket.destroy();
      reject(error ?? new Error('timed out'));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => fail());
    socket.once('error', fail);
  });
}

/** Resolves when the address answers with one of the status codes. */
export async function answersHttp(
  url: string,
  statuses: readonly number[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(probeTimeoutMs) });
  await response.arrayBuffer();
  if (!statuses.includes(response.status)) throw new Error(`${response.status} from ${url}`);
}

/** Resolves when the Unix socket's HTTP server answers with 200. */
export function answersHttpSocket(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path, timeout: probeTimeoutMs }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${response.statusCode} from ${socketPath}`));
    });
    request.once('timeout', () => request.destroy(new Error('timed out')));
    request.once('error', reject);
  });
}
