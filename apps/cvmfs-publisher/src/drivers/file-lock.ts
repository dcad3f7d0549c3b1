import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { permanent, temporary } from '#errors';

/** An exclusive lock that all processes of the host honour, and that ends with the process however that ends. */
export interface FileLock {
  /** False once the lock is gone although nobody released it. */
  readonly held: boolean;
  release(): Promise<void>;
}

/** What is locked, and how long that is worth waiting for. */
export interface LockRequest {
  readonly path: string;
  /** How long to wait for the turn, in seconds. */
  readonly waitSeconds: number;
  /** What the lock is for, for the error. */
  readonly repository: string;
  readonly signal?: AbortSignal;
}

const conflictStatus = 75;

/** After a kill -9 the lock is free as soon as its child has seen the pipe close; on a busy host that is not at once. */
export const lastBreathSeconds = 5;

/**
 * Takes the lock. Node has no flock(2), so a `flock … cat` child holds it: `cat` ends when the pipe from this process
 * closes, which the kernel does even after kill -9. Its echo of a line says that the lock is held.
 * Temporary error `cvmfs.busy` when the turn does not come in time.
 */
export async function acquireFileLock(request: LockRequest): Promise<FileLock> {
  const { path, waitSeconds, repository, signal } = request;
  signal?.throwIfAborted();
  const child = spawn(
    'flock',
    [
      '--exclusive',
      '--wait',
      String(waitSeconds),
      '--conflict-exit-code',
      String(conflictStatus),
      path,
      'cat',
    ],
    // Own process group: Ctrl-C at a terminal ends this process, which then still needs its lock to clean up.
    { cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  child.stdin?.on('error', () => undefined);
  child.stdin?.write('\n');
  const stop = () => child.kill();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const failure = await grantedOrFailed(child);
    if (failure === undefined) return heldBy(child);
    signal?.throwIfAborted();
    throw lockError(failure, request);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  function lockError(failure: Error | number, { path: lockPath }: LockRequest): Error {
    if (failure === conflictStatus) {
      const text = `${repository} was busy for ${waitSeconds} s: another copy of the publisher has its turn.`;
      return temporary('cvmfs.busy', text, { subject: repository, retryAfterSeconds: 30 });
    }
    if (failure instanceof Error) {
      const text = 'The program flock is missing: apt-get install util-linux.';
      return permanent('cvmfs.tool_missing', text, { cause: failure });
    }
    return temporary('cvmfs.lock_failed', `Cannot lock ${lockPath}: may this user write there?`, {
      subject: repository,
      level: 'error',
    });
  }
}

/** Undefined when the lock is held, else the exit code (-1: killed) or the error of the child. */
async function grantedOrFailed(child: ChildProcess): Promise<undefined | number | Error> {
  return await new Promise((resolve) => {
    child.stdout?.once('data', () => resolve(undefined));
    child.once('error', (error) => resolve(error));
    child.once('exit', (code) => resolve(code ?? -1));
  });
}

function heldBy(child: ChildProcess): FileLock {
  const alive = () => child.exitCode === null && child.signalCode === null;
  return {
    get held() {
      return alive();
    },
    async release() {
      if (!alive()) return;
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}
