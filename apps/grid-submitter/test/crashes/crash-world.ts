import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jobRequest, jobSubmit } from '#contracts';
import { openDatabase } from '#database';
import { directoryEnvironment, partnersEnvironment } from '#embedded';
import { waitFor } from '#lab';
import type { DataSource } from 'typeorm';
import { keyRingText } from '../../../../test/stand-ins/registry.js';
import { type SimulatedGrid, startSimulatedGrid } from '../../../../test/stand-ins/batch-system/index.js';
import { GroupStore } from '../../src/storage/group.store.js';
import { storage } from '../../src/storage/index.js';
import { project, simulated } from '../submitter-world.js';

const lightSubmitter = join(process.cwd(), 'dist/apps/grid-submitter/test/crashes/light-submitter.main.js');

/** So many submissions are under way when it is killed. */
export const atOnce = 40;

/** A thousand kills take an hour on a busy machine; none of them may fail by that alone. In milliseconds. */
const deadlineMs = 300_000;

/** Within so long the simulated batch system has taken in what a killed process has sent, in milliseconds. */
const settlesWithinMs = 400;

/** A submitter that is killed again and again, before a batch system that outlives it. */
export class CrashWorld {
  private groups = 0;
  /** Submissions that were begun and not recorded when a process was killed. */
  cutOff = 0;

  private constructor(
    private readonly directory: string,
    readonly grid: SimulatedGrid,
    readonly dataSource: DataSource,
    private readonly env: Readonly<Record<string, string>>,
    private readonly main: string,
  ) {}

  /** @param main the program that is killed, the light submitter unless told */
  static async create(
    postgres: { readonly url: string; readonly schema: string },
    main: string = lightSubmitter,
  ): Promise<CrashWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-crashes-'));
    const grid = await startSimulatedGrid();
    const own = directoryEnvironment(directory);
    const limits = { jobs: 1_000_000 };
    const backend = simulated(grid, limits, { settlesWithinMs });
    const settings = { projects: [project('higgs', limits)], backends: [backend] };
    await writeFile(own.SLIPWAY_CONFIG, JSON.stringify(settings));
    const dataSource = await openDatabase({ ...storage, ...postgres });
    const env = {
      ...own,
      ...partnersEnvironment({ amqpUrl: 'amqp://127.0.0.1:1', keyRing: keyRingText, postgres }),
      SLIPWAY_PLUGINS: grid.plugin,
      SLIPWAY_LEASE_SECONDS: '1',
      SLIPWAY_PARALLEL_SUBMISSIONS: `${atOnce}`,
    };
    return new CrashWorld(directory, grid, dataSource, env, main);
  }

  /** Groups of two jobs, each a submission of its own. */
  async hand(groups: number): Promise<void> {
    const store = new GroupStore(this.dataSource);
    const request = jobRequest.parse({ project: 'higgs', script: 'true', over: ['a', 'b'] });
    for (let n = 0; n < groups; n++) {
      const asked = { groupId: randomUUID(), requestedBy: 'ada', requestedAt: new Date().toISOString() };
      const group = jobSubmit.schema.parse({ ...request, ...asked });
      await store.accept(group, { accepted: true, backend: 'pool', identity: undefined }, {});
    }
    this.groups += groups;
  }

  /**
   * Groups, until twice as many jobs wait as are under way at a kill: each kill has enough, and what is left in the end
   * does not grow with the kills.
   */
  async refill(): Promise<void> {
    const missing = 2 * atOnce - (await this.count(`state = 'queued'`));
    if (missing > 0) await this.hand(Math.ceil(missing / 2));
  }

  /** A process that begins submissions which are taken in but never answered, killed when there are `atOnce` of them. */
  async killBeforeTheAnswer(): Promise<void> {
    await this.grid.behave({ delayAfterMs: 600_000 });
    const before = (await this.grid.counts()).submissions;
    const child = this.start();
    const taken = async (): Promise<boolean> => (await this.grid.counts()).submissions - before >= atOnce;
    await waitFor(taken, { what: `${atOnce} submissions`, intervalMs: 10, deadlineMs });
    await this.kill(child);
  }

  /** A process that is killed at any moment of its work: before a submission is taken in, while it is, or recorded. */
  async killAnywhere(random: () => number): Promise<void> {
    await this.grid.behave({
      delayBeforeMs: Math.floor(random() * 60),
      delayAfterMs: Math.floor(random() * 60),
    });
    const before = (await this.grid.counts()).submissions;
    const child = this.start();
    const works = async (): Promise<boolean> => (await this.grid.counts()).submissions > before;
    await waitFor(works, { what: 'a submission', intervalMs: 10, deadlineMs });
    await pause(random() * 100);
    await this.kill(child);
  }

  /** Lets a process do what is left. */
  async finish(): Promise<void> {
    await this.grid.behave({});
    const child = this.start();
    const left = async (): Promise<boolean> => (await this.count(`state in ('queued', 'submitting')`)) === 0;
    await waitFor(left, { what: 'every attempt to be submitted', deadlineMs });
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** What is wrong: attempts that are not in the batch system once, or of which that was not said once, with its id. */
  async faults(): Promise<readonly string[]> {
    const attempts = await this.dataSource.query<{ id: string; batch_id: string | null }[]>(
      'select id, batch_id from attempt',
    );
    const said = await this.dataSource.query<{ id: string; batch_id: string }[]>(
      `select payload ->> 'attemptId' as id, payload ->> 'batchId' as batch_id from outbox
       where routing_key = 'job.submitted.v1'`,
    );
    const jobs = await this.grid.jobs();
    const known = new Map(attempts.map(({ id, batch_id: batchId }) => [id, batchId]));
    const faults = [
      ...doubled(jobs.map(({ attemptId }) => attemptId)).map((id) => `${id} was submitted twice`),
      ...doubled(said.map(({ id }) => id)).map((id) => `${id} was said to be submitted twice`),
      ...jobs
        .filter((job) => known.get(job.attemptId) !== job.batchId)
        .map(({ batchId }) => `${batchId} is not recorded`),
      ...said
        .filter((one) => known.get(one.id) !== one.batch_id)
        .map(({ id }) => `${id} was said to be another job`),
    ];
    const wrong = [attempts, jobs, said].filter(({ length }) => length !== this.groups * 2);
    return [...faults, ...wrong.map(({ length }) => `${length} instead of ${this.groups * 2}`)];
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.grid.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  private start(): ChildProcess {
    // It ends with whoever started it, for then its standard input is closed.
    return spawn(process.execPath, [this.main], { env: this.env, stdio: ['pipe', 'inherit', 'inherit'] });
  }

  private async kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.cutOff += await this.count(`state = 'submitting'`, 'submission');
  }

  private async count(where: string, table: 'attempt' | 'submission' = 'attempt'): Promise<number> {
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `select count(*)::int as count from ${table} where ${where}`,
    );
    return row?.count ?? 0;
  }
}

function doubled(ids: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}
