import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { temporary } from '#errors';
import { isExecutable, searchPath } from './programs.js';
import { signalTree } from './processes.js';

/** What is started, without a shell; its environment is a search path, HOME and `env`, nothing of ours. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Its standard output and error are appended here. */
  readonly logFile: string;
  /** Run as somebody else; only root may. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A running child process. It dies with this process, however this process ends. */
export interface Child {
  readonly pid: number;
  /** Resolves when it has ended, with what it ended by: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** Signals it and all that it started. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it by the signal, after the deadline by SIGKILL; resolves when it is gone. */
  end(signal: NodeJS.Signals, deadlineMs: number): Promise<void>;
}

const setpriv = '/usr/bin/setpriv';
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) signalTree(pid, 'SIGKILL');
});

/** Starts a program. Throws temporary `embedded.start_failed` when it cannot even be started. */
export async function startChild(command: ChildCommand): Promise<Child> {
  const log = openSync(command.logFile, 'a', 0o600);
  // The kernel ends the child when this process is killed without a chance to do it itself.
  const [program, ...args] = isExecutable(setpriv)
    ? [setpriv, '--pdeathsig', 'KILL', '--', command.program, ...command.args]
    : [command.program, ...command.args];
  const child = spawn(program, args, {
    cwd: command.directory,
    env: { PATH: searchPath, LANG: 'C.UTF-8', HOME: command.directory, ...command.env },
    stdio: ['ignore', log, log],
    // Its own session: Ctrl-C in a terminal reaches this process alone, which then stops its children in order.
    detached: true,
    ...command.user,
  });
  closeSync(log);
  const pid = await spawned(child, command.program);
  running.add(pid);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(pid);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    ended,
    hasEnded,
    signal: (signal) => (hasEnded() ? undefined : signalTree(pid, signal)),
    end: async (signal, deadlineMs) => {
      if (hasEnded()) return;
      child.kill(signal);
      const timer = setTimeout(() => signalTree(pid, 'SIGKILL'), deadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Runs a program to its end. Throws temporary `embedded.start_failed` with what it said when it fails. */
export async function runToEnd(command: ChildCommand): Promise<void> {
  const child = await startChild(command);
  const outcome = await child.ended;
  if (outcome === 'exit code 0') return;
  throw temporary('embedded.start_failed', `${command.program}: ${outcome}\n${tailOf(command.logFile)}`, {
    subject: command.program,
  });
}

/** The last lines of a log file, or why it cannot be read. */
export function tailOf(logFile: string, lines = 25): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch (error) {
    return `(no log: ${String(error)})`;
  }
}

function spawned(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (cause) =>
      reject(temporary('embedded.start_failed', `${program} does not start: ${cause.message}`, { cause })),
    );
  });
}
