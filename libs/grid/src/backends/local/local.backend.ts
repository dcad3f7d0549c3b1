import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, hostname, release } from 'node:os';
import { join } from 'node:path';
import { permanent } from '#errors';
import {
  type BackendKind,
  type BackendOptions,
  type BatchJob,
  type BatchReport,
  type Call,
  type GridBackend,
  type Submission,
  transferredFiles,
} from '../../backend.js';
import { isMissing, type JobStatus, readStatus } from './job-status.js';
import { batchIdOf, type Layout, layoutOf, placeOf } from './layout.js';
import { tooMuch } from './slots.js';
import { readSubmission, writeSubmission } from './submission-file.js';
import { wake } from './supervision.js';
import { thisMachine } from './supervisor.js';

/**
 * The machine itself as a batch system: no installation, no root. Jobs are processes that outlive the service; cores and
 * memory are shared out among them, and memory, disk and wall time kept, all by a supervisor that ends when there is
 * nothing to do.
 */
class LocalBackend implements GridBackend {
  /** A submission is there as soon as its directory is: a dead process moves none. */
  readonly settlesWithin = 0;
  readonly mostAttempts = 1_000;
  readonly throttles = true;
  readonly #layout: Layout;
  readonly #options: BackendOptions;

  constructor(layout: Layout, options: BackendOptions) {
    this.#layout = layout;
    this.#options = options;
  }

  async submit(submission: Submission, { signal }: Call): Promise<readonly BatchJob[]> {
    signal.throwIfAborted();
    const { resources, batch } = submission.template;
    const [command] = Object.keys(batch);
    if (command !== undefined) throw this.#refused(`has no submit command ${command}`);
    const reason = tooMuch(thisMachine(), resources);
    if (reason !== undefined) throw this.#refused(reason);
    await writeSubmission(this.#layout, submission);
    await this.#wake();
    return jobsOf(
      submission.id,
      submission.attempts.map(({ id }) => id),
    );
  }

  async find({ id }: Pick<Submission, 'id'>, { signal }: Call): Promise<readonly BatchJob[]> {
    signal.throwIfAborted();
    const submission = await readSubmission(this.#layout, id);
    return submission ? jobsOf(id, submission.attempts) : [];
  }

  async cancel(batchIds: readonly string[], { signal }: Call): Promise<void> {
    signal.throwIfAborted();
    for (const id of batchIds) {
      const place = placeOf(this.#layout, id);
      const status = place && (await readStatus(place.status));
      if (status && !isOver(status)) await writeFile(join(this.#layout.cancellations, id), '');
    }
    await this.#wake();
  }

  async poll(open: ReadonlySet<string>, { signal }: Call): Promise<readonly BatchReport[]> {
    const reports: BatchReport[] = [];
    for (const submission of await readdir(this.#layout.submissions)) {
      signal.throwIfAborted();
      for (const index of await numbersIn(join(this.#layout.submissions, submission, 'status'))) {
        const id = batchIdOf(submission, index);
        const place = placeOf(this.#layout, id);
        const status = place && (await readStatus(place.status));
        if (status) reports.push(reportOf(id, status));
      }
    }
    signal.throwIfAborted();
    // Whoever waits for jobs wants somebody to look after them, also after the machine was started anew.
    if (
      reports.some(({ batchId, state }) => open.has(batchId) && (state === 'waiting' || state === 'running'))
    )
      await this.#wake();
    return reports;
  }

  async ownLog(batchId: string, { signal }: Call): Promise<string | undefined> {
    signal.throwIfAborted();
    const place = placeOf(this.#layout, batchId);
    if (!place) return undefined;
    try {
      return await readFile(place.log, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async collect(batchId: string, directory: string, { signal }: Call): Promise<readonly string[]> {
    const place = placeOf(this.#layout, batchId);
    const files: string[] = [];
    for (const file of place ? transferredFiles : []) {
      signal.throwIfAborted();
      try {
        await copyFile(join(place?.work ?? '', file), join(directory, file));
        files.push(file);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return files;
  }

  async forget(batchIds: readonly string[], { signal }: Call): Promise<void> {
    for (const id of batchIds) {
      signal.throwIfAborted();
      const place = placeOf(this.#layout, id);
      if (!place) continue;
      // The status goes last: while it is there, the job is known, and forgotten again after a crash.
      for (const path of [place.work, place.log, `${place.exit}.begun`, place.exit, place.status])
        await rm(path, { recursive: true, force: true });
      const home = join(this.#layout.submissions, place.submission);
      if ((await numbersIn(join(home, 'status'))).length === 0)
        await rm(home, { recursive: true, force: true });
    }
  }

  async probe({ signal }: Call): Promise<string> {
    signal.throwIfAborted();
    await this.#wake();
    const { cores, memoryBytes } = thisMachine();
    const memory = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
    return `this machine (${hostname()}): ${cores.length} cores, ${memory}, Linux ${release()} ${arch()}`;
  }

  async close(): Promise<void> {}

  #wake(): Promise<void> {
    return wake(this.#layout, this.#options.directory, this.#options.house);
  }

  #refused(reason: string): Error {
    return permanent('grid.refused', `backend ${this.#options.settings.name}: ${reason}`);
  }
}

const jobsOf = (submission: string, attempts: readonly string[]): readonly BatchJob[] =>
  attempts.map((attemptId, index) => ({ attemptId, batchId: batchIdOf(submission, index) }));

const isOver = ({ state }: JobStatus): boolean => state === 'ended' || state === 'gone';

function reportOf(batchId: string, status: JobStatus): BatchReport {
  const { state, exitCode, signal, reason, startedAt, endedAt, memoryBytes, cpuSeconds, diskBytes } = status;
  return {
    batchId,
    state,
    exitCode,
    signal,
    reason,
    ...(state === 'waiting' ? {} : { node: hostname() }),
    ...(startedAt ? { startedAt: new Date(startedAt) } : {}),
    ...(endedAt ? { endedAt: new Date(endedAt) } : {}),
    usage: {
      ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(diskBytes === undefined ? {} : { diskBytes }),
    },
  };
}

async function numbersIn(directory: string): Promise<readonly number[]> {
  try {
    return (await readdir(directory)).filter((name) => /^\d+$/.test(name)).map(Number);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Jobs as processes of this machine: the embedded default. */
export const localKind: BackendKind = {
  kind: 'local',
  title: 'this machine',
  async open(options) {
    const layout = layoutOf(options.directory, options.house);
    for (const directory of [layout.submissions, layout.incoming, layout.cancellations])
      await mkdir(directory, { recursive: true, mode: 0o700 });
    return new LocalBackend(layout, options);
  },
};
