import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobFault } from '#contracts';
import { isMissing, type JobStatus, writeStatus } from './job-status.js';
import type { JobPlace } from './layout.js';
import { firstMarked, pageBytes, processes, processOf, ticksPerSecond, treeOf } from './process-tree.js';
import type { QueuedJob } from './slots.js';

/** Between the request to end and the end by force, in milliseconds. */
const graceMs = 10_000;
/** The wrapper keeps the wall time itself, and tells of it; after this much more it is ended from outside. */
const marginMs = 60_000;
const mostEntries = 1_000_000;

/** How often the files below its directory are counted, in milliseconds. */
const diskEveryMs = 5_000;

const shell = ': > "$1.begun"; sh slipway-job.sh; code=$?; echo "$code" > "$1.part" && mv "$1.part" "$1"';

interface Ending {
  readonly fault: JobFault;
  readonly words: string;
  readonly since: number;
}

/** A job that runs: its limits are looked after from outside, because any process of it may do as it likes. */
export class RunningJob {
  readonly #job: QueuedJob;
  readonly #place: JobPlace;
  readonly cores: readonly number[];
  #status: JobStatus;
  #ending: Ending | undefined;
  #diskAt = 0;

  private constructor(job: QueuedJob, place: JobPlace, cores: readonly number[], status: JobStatus) {
    this.#job = job;
    this.#place = place;
    this.cores = cores;
    this.#status = status;
  }

  /** A session of its own, in its directory, with an environment that holds nothing of the service's. */
  static async start(
    job: QueuedJob,
    place: JobPlace,
    cores: readonly number[],
    pin: boolean,
  ): Promise<RunningJob> {
    const startedAt = new Date().toISOString();
    // Said before it is done, so that whoever takes over looks for it, and never starts it a second time.
    await writeStatus(place.status, { state: 'running', startedAt });
    const log = openSync(place.log, 'w', 0o600);
    const command = ['sh', '-c', shell, 'slipway', place.exit];
    const [program = 'sh', ...rest] = pin ? ['taskset', '-c', cores.join(','), ...command] : command;
    try {
      const child = spawn(program, rest, {
        cwd: place.work,
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: place.work,
          TMPDIR: place.work,
          LANG: 'C.UTF-8',
          [markName]: job.id,
        },
      });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      const { pid } = child;
      const since = pid === undefined ? undefined : (await processOf(pid))?.since;
      return new RunningJob(job, place, cores, { state: 'running', pid, pidSince: since, startedAt });
    } finally {
      closeSync(log);
    }
  }

  /** One that a supervisor before this one had started; undefined where that one died before it began. */
  static async adopt(
    job: QueuedJob,
    place: JobPlace,
    cores: readonly number[],
    status: JobStatus,
  ): Promise<RunningJob | undefined> {
    if (status.pid !== undefined) return new RunningJob(job, place, cores, status);
    const found = await firstMarked(`${markName}=${job.id}`);
    if (found) return new RunningJob(job, place, cores, { ...status, pid: found.pid, pidSince: found.since });
    return existsSync(`${place.exit}.begun`) ? new RunningJob(job, place, cores, status) : undefined;
  }

  get id(): string {
    return this.#job.id;
  }

  get job(): QueuedJob {
    return this.#job;
  }

  get status(): JobStatus {
    return this.#status;
  }

  /** Ends it: by SIGTERM, then by force. */
  end(fault: JobFault, words: string): void {
    this.#ending ??= { fault, words, since: Date.now() };
  }

  /** Looks at it once; its state is `ended` or `gone` when it is over. */
  async look(): Promise<JobStatus> {
    const { pid } = this.#status;
    const shellProcess = pid === undefined ? undefined : await processOf(pid);
    const alive =
      shellProcess !== undefined && shellProcess.since === (this.#status.pidSince ?? shellProcess.since);
    const tree =
      pid === undefined ? [] : await treeOf(await processes(), alive ? pid : -1, `${markName}=${this.id}`);
    const used = {
      memoryBytes: Math.max(
        this.#status.memoryBytes ?? 0,
        tree.reduce((sum, one) => sum + one.residentPages, 0) * pageBytes,
      ),
      cpuSeconds: Math.max(
        this.#status.cpuSeconds ?? 0,
        tree.reduce((sum, one) => sum + one.cpuTicks, 0) / ticksPerSecond,
      ),
    };
    this.#status = { ...this.#status, ...used };
    if (alive) {
      await this.#judge(tree.reduce((sum, one) => sum + one.residentPages, 0) * pageBytes);
      if (this.#ending) signal(tree, Date.now() - this.#ending.since < graceMs ? 'SIGTERM' : 'SIGKILL');
      return this.#status;
    }
    // What a job leaves running would take from the next one.
    signal(tree, 'SIGKILL');
    this.#status = { ...this.#status, ...(await this.#over()), endedAt: new Date().toISOString() };
    return this.#status;
  }

  async #judge(memory: number): Promise<void> {
    const { memoryBytes, diskBytes, wallTimeSeconds } = this.#job.resources;
    if (memory > memoryBytes)
      this.end('memory-exceeded', `used ${memory} bytes of memory; it may use ${memoryBytes}`);
    const runs = Date.now() - Date.parse(this.#status.startedAt ?? '');
    if (runs > wallTimeSeconds * 1_000 + marginMs)
      this.end(
        'wall-time-exceeded',
        `ran for ${Math.round(runs / 1_000)} s; it may run for ${wallTimeSeconds} s`,
      );
    if (Date.now() - this.#diskAt < diskEveryMs) return;
    this.#diskAt = Date.now();
    const disk = await bytesBelow(this.#place.work);
    this.#status = { ...this.#status, diskBytes: disk };
    if (disk > diskBytes) this.end('disk-exceeded', `wrote ${disk} bytes; it may write ${diskBytes}`);
  }

  async #over(): Promise<Partial<JobStatus>> {
    const exitCode = await exitCodeAt(this.#place.exit);
    if (this.#ending) {
      const { fault, words } = this.#ending;
      return { state: 'gone', exitCode, reason: { fault, words } };
    }
    if (exitCode !== undefined) return { state: 'ended', exitCode };
    const words = 'its processes are gone, and no exit code was written: killed, or the machine went down';
    return { state: 'gone', reason: { fault: 'node-failed', words } };
  }
}

const markName = 'SLIPWAY_BATCH_ID';

function signal(tree: readonly { readonly pid: number }[], name: 'SIGTERM' | 'SIGKILL'): void {
  for (const { pid } of tree) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended since.
    }
  }
}

async function exitCodeAt(path: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(path, 'utf8'), 10);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Bytes of the files below a directory, links not followed; what disappears meanwhile counts nothing. */
async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const open = [directory];
  for (let next = open.pop(); next !== undefined && entries < mostEntries; next = open.pop()) {
    const found = await readdir(next, { withFileTypes: true }).catch(() => []);
    for (const entry of found) {
      entries += 1;
      const path = join(next, entry.name);
      if (entry.isDirectory()) open.push(path);
      else bytes += (await lstat(path).catch(() => undefined))?.blocks ?? 0;
    }
  }
  return bytes * 512;
}
