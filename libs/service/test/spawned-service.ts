import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type LogLine = Readonly<Record<string, unknown>>;

/** A service seen from outside, as its operator sees it: output, signals, exit. Who spawns it kills it. */
export interface SpawnedService {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the first log line that has this message. */
  logged(message: string): Promise<LogLine>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Runs tiny.service.ts as a process of its own. */
export function spawnTiny(
  environment: Record<string, string> = {},
  args: readonly string[] = [],
): SpawnedService {
  const program = fileURLToPath(new URL('./tiny.service.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env['PATH'],
      SLIPWAY_HTTP_HOST: '127.0.0.1',
      SLIPWAY_HTTP_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const find = (message: string): LogLine | undefined =>
    logLines(output.stdout).find((line) => line['msg'] === message);
  return {
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exited,
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = find(message);
          if (line) resolve(line);
        };
        look();
        child.stdout.on('data', look);
        void exited.then(() =>
          reject(new Error(`exited before it logged "${message}":\n${output.stdout}${output.stderr}`)),
        );
      }),
  };
}

/** The log among what a service wrote: one JSON object a line; what it says in plain words is passed over. */
export function logLines(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);
}
