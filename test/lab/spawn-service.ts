import { fileURLToPath } from 'node:url';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '#embedded';
import { waitFor } from './wait-for.js';

/** How the process is started, and when it counts as started. */
export interface SpawnOptions {
  /** Give up waiting for `/health/ready` after so long, in milliseconds; 90 s unless told. */
  readonly readyDeadlineMs?: number;
  /** `alive` waits for `/health/live` only: for a service that starts without its broker. */
  readonly until?: 'ready' | 'alive';
  /** A program, with its arguments, that is given the service's command and becomes it: for mounts of its own. */
  readonly through?: readonly string[];
}

/** One of our services as a process of its own, as it runs in production. */
export interface SpawnedService {
  readonly pid: number;
  /** Base address of its HTTP server. */
  readonly url: string;
  /** Resolves with the exit code, or the signal's name, when it has ended. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends the signal (SIGTERM unless told) and resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal that does not end it, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void;
  /** What it has written so far, one line each. */
  logs(): readonly string[];
}

const dist = new URL('../../', import.meta.url);

/**
 * Starts `dist/apps/<name>/src/main.js` on a free port of the loopback address with this environment alone (beside PATH
 * and HOME), and waits until it is ready. Throws with its last log lines when it ends or does not become ready in time.
 */
export async function spawnService(
  name: string,
  env: Readonly<Record<string, string>>,
  options: SpawnOptions = {},
): Promise<SpawnedService> {
  const port = await freePort();
  // An empty one: a service that picked up a file from where it was started would work for developers alone.
  const cwd = mkdtempSync(join(tmpdir(), 'slipway-service-'));
  const command = [...(options.through ?? []), process.execPath, '--enable-source-maps', mainOf(name)];
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, {
    cwd,
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: tmpdir(),
      SLIPWAY_HTTP_HOST: '127.0.0.1',
      SLIPWAY_HTTP_PORT: String(port),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = collectLines(child);
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      rmSync(cwd, { recursive: true, force: true });
      resolve(signal ?? code ?? 0);
    });
  });
  // A test that fails half-way must not leave it running.
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  void exited.finally(() => process.off('exit', end)).catch(() => {});

  const url = `http://127.0.0.1:${env['SLIPWAY_HTTP_PORT'] ?? port}`;
  try {
    const path = options.until === 'alive' ? 'live' : 'ready';
    await untilHealthy(`${url}/health/${path}`, child, options.readyDeadlineMs ?? 90_000);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${name} is not ready: ${String(error)}\n${lines.slice(-30).join('\n')}`, {
      cause: error,
    });
  }
  return {
    pid: child.pid ?? 0,
    url,
    exited,
    kill: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await exited;
    },
    signal: (signal) => void child.kill(signal),
    logs: () => lines,
  };
}

function mainOf(name: string): string {
  return fileURLToPath(new URL(`apps/${name}/src/main.js`, dist));
}

async function untilHealthy(url: string, child: ChildProcess, deadlineMs: number): Promise<void> {
  const outcome = await waitFor(
    async () => {
      if (child.exitCode !== null || child.signalCode !== null) return 'ended';
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      const body = await response.text();
      if (!response.ok) throw new Error(`${response.status} from ${url}: ${body}`);
      return 'healthy';
    },
    { what: url, deadlineMs, intervalMs: 50 },
  );
  if (outcome === 'ended')
    throw new Error(`it ended by ${child.signalCode ?? `exit code ${child.exitCode}`}`);
}

function collectLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
    stream?.on('end', () => rest !== '' && lines.push(rest));
  }
  return lines;
}
