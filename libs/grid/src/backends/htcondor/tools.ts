import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { temporary } from '#errors';

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const setpriv = '/usr/bin/setpriv';
const mostOutput = 2 ** 29;

/** How a tool is run: arguments as a list, no shell; at the deadline or by the signal it is killed. */
export interface ToolCall {
  readonly args: readonly string[];
  /** Standard input, also when it comes later than the tool's start; where it does not come, the tool is ended. */
  readonly input?: string | Promise<string>;
  /** Beside a search path and HOME: nothing of this process's own environment reaches a tool. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How a tool ended, and up to 512 MiB of what it printed. */
export interface ToolResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of HTCondor's command-line tools. Throws temporary `grid.unavailable` where it is missing or takes too long. */
export type RunTool = (tool: string, call: ToolCall) => Promise<ToolResult>;

/** Looks for the tools in this directory, and then where programs usually are. */
export function toolRunner(toolDirectory: string | undefined): RunTool {
  const path = toolDirectory === undefined ? searchPath : `${toolDirectory}:${searchPath}`;
  const dieWithUs = diesWithParent() ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
  return (tool, { args, input, env, cwd, timeoutMs, signal }) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const [program = tool, ...rest] = [...dieWithUs, tool, ...args];
      const child = spawn(program, rest, {
        cwd,
        env: { PATH: path, HOME: userInfo().homedir, LANG: 'C.UTF-8', ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
        signal,
        killSignal: 'SIGKILL',
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
      // A tool that ends without reading all of it says why on standard error.
      child.stdin.on('error', () => {});
      Promise.resolve(input ?? '').then(
        (text) => child.stdin.end(text),
        (noInput: Error) => {
          child.kill('SIGKILL');
          reject(noInput);
        },
      );
      child.once('error', (cause) => {
        clearTimeout(timer);
        reject(temporary('grid.unavailable', `${tool} cannot be run: ${cause.message}`, { cause }));
      });
      child.once('close', (exitCode, endedBy) => {
        clearTimeout(timer);
        const result = { exitCode: exitCode ?? undefined, stdout: stdout(), stderr: stderr() };
        if (endedBy === null && result.exitCode !== 127) resolve(result);
        else reject(temporary('grid.unavailable', `${tool} ${why(endedBy, result)}`));
      });
    });
}

function why(endedBy: NodeJS.Signals | null, { stderr }: ToolResult): string {
  if (endedBy === null) return `cannot be run: ${stderr.trim().slice(0, 500)}`;
  return `took too long, or was ended by ${endedBy}`;
}

/** Whether a tool ends at once when this process is killed: else it may go on and submit what nobody waits for. */
export function diesWithParent(): boolean {
  try {
    accessSync(setpriv, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function gather(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostOutput) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
