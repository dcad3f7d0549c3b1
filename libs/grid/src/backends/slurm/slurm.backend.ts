import { permanent } from '#errors';
import type {
  BackendKind,
  BackendOptions,
  BatchJob,
  BatchReport,
  Call,
  GridBackend,
  Submission,
} from '../../backend.js';
import type { SharedPlace } from './batch-script.js';
import { commentOf, describeJob } from './job-description.js';
import { type CauseSource, KillCauses } from './kill-causes.js';
import { reportsOf } from './reports-of.js';
import { RestClient } from './rest.client.js';
import { collectFiles, leftOver, removeFiles, standardOutput } from './shared-files.js';
import type { SlurmClient } from './slurm-client.js';
import { batchIdOf, jobsAndArrays, type SlurmJob } from './slurm-job.js';
import { ToolsClient } from './tools.client.js';

/** How long it is believed whether nodes have disk, and whether there is accounting. */
const believedMs = 600_000;

/** Slurm: a submission is one job or one array, found again by its comment. */
class SlurmBackend implements GridBackend {
  /** Longer than a tool may live, or slurmrestd wait, once this process is dead. */
  readonly settlesWithin = 60_000;
  /** What Slurm has unless told otherwise: MaxArraySize 1001, and the numbers begin with 0. */
  readonly mostAttempts: number;
  readonly throttles = true;
  readonly #client: SlurmClient;
  readonly #options: BackendOptions;
  readonly #place: SharedPlace | undefined;
  #disk: { readonly has: boolean; readonly until: number } | undefined;
  #noAccountingUntil = 0;
  readonly #causes = new KillCauses(Date.now);

  constructor(client: SlurmClient, options: BackendOptions) {
    const { settings, house } = options;
    this.mostAttempts = settings.arraySize ?? 1_000;
    this.#client = client;
    this.#options = options;
    this.#place = settings.directory === undefined ? undefined : { directory: settings.directory, house };
  }

  async submit(submission: Submission, call: Call): Promise<readonly BatchJob[]> {
    const { settings, house, own } = this.#options;
    const place = submission.transfer === 'backend' ? this.#sharedPlace() : undefined;
    const account = (call.identity ?? own)?.account;
    const job = describeJob(submission, {
      settings,
      house,
      place,
      account,
      nodesHaveDisk: await this.#nodesHaveDisk(call),
    });
    return jobsOf(await this.#client.submit(job, call), submission.attempts);
  }

  async find(
    { id, attempts }: Pick<Submission, 'id' | 'attempts'>,
    call: Call,
  ): Promise<readonly BatchJob[]> {
    const jobs = await this.#client.jobsWith(commentOf(this.#options.house, id), call);
    // Slurm keeps a while what it refused; that was never submitted.
    const ids = jobs.filter((job) => !isRefused(job)).map((job) => Number(job.id));
    return ids.length === 0 ? [] : jobsOf(String(Math.min(...ids)), attempts);
  }

  async cancel(batchIds: readonly string[], call: Call): Promise<void> {
    call.signal.throwIfAborted();
    if (batchIds.length > 0) await this.#client.cancel(batchIds, call);
  }

  async poll(open: ReadonlySet<string>, call: Call): Promise<readonly BatchReport[]> {
    call.signal.throwIfAborted();
    const jobs = await this.#client.jobs(call);
    const prefix = commentOf(this.#options.house, '');
    const waitedFor = new Set([...open].map((batchId) => batchId.split('_')[0]));
    const ours = jobs.filter((job) => job.comment.startsWith(prefix) || waitedFor.has(job.id));
    const listed = new Set(reportsOf(ours, []).map(({ batchId }) => batchId));
    const missing = [...open].filter((batchId) => !listed.has(batchId));
    const accounted = reportsOf(await this.#accounted(missing, call), []).filter(({ batchId }) =>
      open.has(batchId),
    );
    const left = await this.#left(without(missing, accounted));
    const listedOrImplied = reportsOf(ours, without(without(open, accounted), left));
    const explained = await this.#causes.in(listedOrImplied, open, this.#causeSource(call));
    return [...explained, ...accounted, ...left];
  }

  async ownLog(batchId: string, call: Call): Promise<string | undefined> {
    const said = await this.#client.show(batchId, call);
    const printed = this.#place === undefined ? undefined : await standardOutput(this.#place, batchId);
    const parts = [said, printed].filter((part) => part !== undefined && part !== '');
    return parts.length === 0 ? undefined : parts.join('\n\n');
  }

  async collect(batchId: string, directory: string, { signal }: Call): Promise<readonly string[]> {
    signal.throwIfAborted();
    return collectFiles(this.#sharedPlace(), batchId, directory, signal);
  }

  async forget(batchIds: readonly string[], { signal }: Call): Promise<void> {
    const place = this.#place;
    if (place === undefined) return;
    for (const batchId of batchIds) {
      signal.throwIfAborted();
      await removeFiles(place, batchId);
    }
  }

  async probe(call: Call): Promise<string> {
    return `Slurm ${await this.#client.version(call)}`;
  }

  async close(): Promise<void> {}

  #sharedPlace(): SharedPlace {
    if (this.#place !== undefined) return this.#place;
    const { name } = this.#options.settings;
    const why = 'transfer "backend" needs "directory": one that the nodes and this service share';
    throw permanent('grid.refused', `backend ${name}: ${why}`, { subject: name });
  }

  async #nodesHaveDisk(call: Call): Promise<boolean> {
    if (this.#disk === undefined || this.#disk.until < Date.now())
      this.#disk = { has: await this.#client.nodesHaveDisk(call), until: Date.now() + believedMs };
    return this.#disk.has;
  }

  async #accounted(missing: readonly string[], call: Call): Promise<readonly SlurmJob[]> {
    if (missing.length === 0 || this.#noAccountingUntil > Date.now()) return [];
    const jobs = await this.#client.accounted(jobsAndArrays(missing), call);
    if (jobs === undefined) this.#noAccountingUntil = Date.now() + believedMs;
    return jobs ?? [];
  }

  #causeSource(call: Call): CauseSource {
    const place = this.#place;
    return {
      printed: async (batchId) => (place === undefined ? undefined : standardOutput(place, batchId)),
      accounted: async (batchIds) => {
        const jobs = await this.#accounted(batchIds, call);
        return this.#noAccountingUntil > Date.now() ? undefined : reportsOf(jobs, []);
      },
    };
  }

  async #left(missing: Iterable<string>): Promise<readonly BatchReport[]> {
    const reports: BatchReport[] = [];
    const place = this.#place;
    if (place === undefined) return reports;
    for (const batchId of missing) {
      const exitCode = await leftOver(place, batchId);
      if (exitCode !== undefined) reports.push({ batchId, state: 'ended', exitCode });
    }
    return reports;
  }
}

const jobsOf = (id: string, attempts: Submission['attempts']): readonly BatchJob[] =>
  attempts.map((attempt, index) => ({
    attemptId: attempt.id,
    batchId: attempts.length === 1 ? id : batchIdOf(id, index),
  }));

const isRefused = ({ states, reason }: SlurmJob): boolean =>
  states.includes('FAILED') && reason === 'BadConstraints';

function without(ids: Iterable<string>, reports: readonly BatchReport[]): readonly string[] {
  const known = new Set(reports.map(({ batchId }) => batchId));
  return [...ids].filter((id) => !known.has(id));
}

/** Slurm, by slurmrestd where the backend has a `url`, else by its command-line tools. */
export const slurmKind: BackendKind = {
  kind: 'slurm',
  title: 'Slurm',
  async open(options) {
    const { url, tools } = options.settings;
    const client = url === undefined ? new ToolsClient(tools, options.own) : new RestClient(url, options.own);
    return new SlurmBackend(client, options);
  },
};
