import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporary } from '#errors';

/** How a tool is run: `env` is all of its environment but for PATH, HOME and LANG; `input` is a file. */
export interface ToolRun {
  /** Directory of the tools; absent: the usual ones. */
  readonly tools: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | undefined;
  readonly signal: AbortSignal;
}

/** How a tool ended by itself, and what it printed; an exit code other than 0 is for the caller to judge. */
export interface ToolAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const searchPath = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';
const mostBytes = 256 * 2 ** 20;
/** A tool that outlives this process must not act much later. */
const toolSeconds = 45;

/**
 * Runs a tool in an environment of nothing but what is given, and waits for its end. Throws temporary
 * `grid.unavailable` when it is not there, prints without end, or does not end in time, and what the signal says.
 */
export async function runTool(name: string, args: readonly string[], run: ToolRun): Promise<ToolAnswer> {
  run.signal.throwIfAborted();
  const input = run.input === undefined ? undefined : await unnamedFile(run.input);
  try {
    return await spawned(name, args, run, input);
  } finally {
    await input?.close();
  }
}

function spawned(
  name: string,
  args: readonly string[],
  { tools, env, signal }: ToolRun,
  input: FileHandle | undefined,
): Promise<ToolAnswer> {
  const unavailable = (why: string): Error =>
    temporary('grid.unavailable', `${name} ${why}`, { subject: name });
  return new Promise((resolve, reject) => {
    const program = tools === undefined ? name : join(tools, name);
    const child = spawn('timeout', ['--signal=KILL', String(toolSeconds), program, ...args], {
      env: { PATH: searchPath, HOME: tmpdir(), LANG: 'C.UTF-8', ...env },
      cwd: '/',
      stdio: [input?.fd ?? 'ignore', 'pipe', 'pipe'],
      // A group of its own, so that the tool ends with the timeout that watches it.
      detached: true,
    });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const printed: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    let bytes = 0;
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) end();
        else printed[stream].push(chunk);
      });
    }
    signal.addEventListener('abort', end, { once: true });
    child.once('error', (cause) => reject(unavailable(`does not start: ${cause.message}`)));
    child.once('close', (code, killed) => {
      signal.removeEventListener('abort', end);
      const stderr = Buffer.concat(printed.stderr).toString('utf8');
      if (signal.aborted) reject(signal.reason as Error);
      else if (bytes > mostBytes) reject(unavailable(`printed more than ${mostBytes} bytes`));
      else if (killed !== null || code === 137) reject(unavailable(`did not answer in ${toolSeconds} s`));
      else if (code === 126 || code === 127)
        reject(unavailable(`cannot be run: ${stderr.trim().slice(0, 500)}`));
      else resolve({ code: code ?? 1, stdout: Buffer.concat(printed.stdout).toString('utf8'), stderr });
    });
  });
}

/** Whole before the tool begins, so that no tool ever acts on half of it; in no directory, so that it stays nowhere. */
async function unnamedFile(content: string): Promise<FileHandle> {
  const path = join(tmpdir(), `slipway-${randomBytes(16).toString('hex')}`);
  const handle = await open(path, 'wx+', 0o600);
  await rm(path);
  // At a position of its own: the tool reads from where the file's own position still is, the beginning.
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length;)
    at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
  return handle;
}
