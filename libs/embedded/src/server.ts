import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { permanent, temporary } from '#errors';
import { type Child, type ChildCommand, startChild, tailOf } from './child.js';
import { isSameProcess, isStillListed, isTreeStopped, processIdentity, signalTree } from './processes.js';

/** A real server as a child process. */
export interface EmbeddedServer {
  /** The server's process; another one after `restart`. */
  readonly pid: number;
  /** Ends it in its own orderly way. */
  stop(): Promise<void>;
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Freezes it (SIGSTOP): connections stay open; once resolved, nothing answers. */
  pause(): Promise<void>;
  resume(): void;
  /** The last lines that it logged. */
  logTail(lines?: number): string;
}

/** How a server is started, and how it is known to serve. */
export interface ServerDefinition {
  readonly name: string;
  readonly command: ChildCommand;
  /** What has to run beside it, before it and as long as it. */
  readonly companion?: ChildCommand;
  readonly stopSignal: NodeJS.Signals;
  /** Resolves when the server serves; throws as long as it does not. */
  readonly probe: () => Promise<void>;
  readonly startDeadlineMs?: number;
  readonly stopDeadlineMs?: number;
}

const reapDeadlineMs = 10_000;

interface PidFile {
  readonly owner: string;
  readonly processes: readonly string[];
}

/**
 * Starts a server and waits until it serves. Throws temporary `embedded.start_failed` with the end of its log, or
 * permanent `embedded.in_use` when another live process runs the same server from the same directory. What a killed
 * process left running there is ended first.
 */
export async function startServer(definition: ServerDefinition): Promise<EmbeddedServer> {
  const { name, command } = definition;
  const pidFile = join(command.directory, `${name}.pid`);
  let children: readonly Child[] = [];

  const start = async (): Promise<void> => {
    await endStale(pidFile, name);
    const companion = definition.companion === undefined ? [] : [await startChild(definition.companion)];
    const server = await startChild(command);
    children = [server, ...companion];
    writePidFile(pidFile, children);
    try {
      await untilServing(definition, server);
    } catch (error) {
      await endAll('SIGKILL');
      throw error;
    }
  };
  const endAll = async (signal: NodeJS.Signals): Promise<void> => {
    // A frozen process takes no signal but SIGKILL.
    for (const child of children) child.signal('SIGCONT');
    if (signal === 'SIGKILL') for (const child of children) child.signal('SIGKILL');
    for (const child of children) await child.end(signal, definition.stopDeadlineMs ?? 20_000);
    rmSync(pidFile, { force: true });
  };

  await start();
  return {
    get pid() {
      return children[0]?.pid ?? 0;
    },
    stop: () => endAll(definition.stopSignal),
    kill: () => endAll('SIGKILL'),
    restart: async () => {
      await endAll(definition.stopSignal);
      await start();
    },
    pause: async () => {
      const [server] = children;
      if (server === undefined) return;
      server.signal('SIGSTOP');
      while (!server.hasEnded() && !isTreeStopped(server.pid)) await delay(1);
    },
    resume: () => children[0]?.signal('SIGCONT'),
    logTail: (lines) => tailOf(command.logFile, lines),
  };
}

/** Makes a private directory (mode 0700) with its parents. */
export function privateDirectory(...segments: readonly string[]): string {
  const directory = join(...segments);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

async function untilServing(definition: ServerDefinition, server: Child): Promise<void> {
  const { name, command, probe, startDeadlineMs = 60_000 } = definition;
  const deadline = Date.now() + startDeadlineMs;
  const failed = (why: string, cause?: unknown): Error =>
    temporary('embedded.start_failed', `${name} ${why}; the end of its log:\n${tailOf(command.logFile)}`, {
      subject: name,
      cause,
    });
  for (;;) {
    try {
      await probe();
      return;
    } catch (cause) {
      if (server.hasEnded()) throw failed(`ended at start by ${await server.ended}`);
      if (Date.now() > deadline) throw failed(`does not serve after ${startDeadlineMs / 1000} s`, cause);
      await delay(50);
    }
  }
}

function writePidFile(path: string, children: readonly Child[]): void {
  const identities = children.map((child) => processIdentity(child.pid) ?? '');
  const content: PidFile = { owner: processIdentity(process.pid) ?? '', processes: identities };
  writeFileSync(path, JSON.stringify(content));
}

async function endStale(path: string, name: string): Promise<void> {
  const left = readPidFile(path);
  if (left === undefined) return;
  const alive = left.processes.filter(isSameProcess);
  if (alive.length > 0 && left.owner !== processIdentity(process.pid) && isSameProcess(left.owner)) {
    throw permanent('embedded.in_use', `${name} is in use from this directory: ${path}`, { subject: name });
  }
  for (const identity of alive) signalTree(Number.parseInt(identity, 10), 'SIGKILL');
  // PostgreSQL takes a dead postmaster that nobody has reaped yet for a living one.
  const deadline = Date.now() + reapDeadlineMs;
  while (left.processes.some(isStillListed) && Date.now() < deadline) await delay(20);
  rmSync(path, { force: true });
}

function readPidFile(path: string): PidFile | undefined {
  try {
    // Written by ourselves; a torn one throws here and counts as none.
    return JSON.parse(readFileSync(path, 'utf8')) as PidFile;
  } catch {
    return undefined;
  }
}
