import { copyFile, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { permanent, temporary, toAppError } from '#errors';
import {
  type BackendOptions,
  type BatchJob,
  type BatchReport,
  type Call,
  type GridBackend,
  type Submission,
  transferredFiles,
} from '../../backend.js';
import { byCluster, classAdString, idConstraint, parseCondorId } from './classad.js';
import { readEvents } from './event-log.js';
import { reportsOfEvents } from './job-events.js';
import { reportAttributes, reportOf } from './job-report.js';
import { cancelUnmade, houseConstraint, reportUnmade } from './late-clusters.js';
import { endOfFile, eventsOf } from './own-log.js';
import { type Ad, Schedd } from './schedd.js';
import type { Staging } from './staging.js';
import { attributes, isFlat, isLate, submitDescription } from './submit-description.js';

/** A schedd takes some thousand jobs a second; one that spools writes each job's files first. In milliseconds. */
const submitTimeout = 300_000;
const day = 86_400_000;

/** What a backend is put together of; the staging directory is its alone. */
export interface HtcondorParts {
  readonly options: BackendOptions;
  readonly schedd: Schedd;
  readonly staging: Staging;
  /** As in `GridBackend`. */
  readonly settlesWithin: number;
}

/** Jobs in HTCondor by its command-line tools: a submission is one cluster, and its attempts are the procs in order. */
export class HtcondorBackend implements GridBackend {
  readonly settlesWithin: number;
  readonly mostAttempts = 20_000;
  readonly throttles = true;

  readonly events?: NonNullable<GridBackend['events']>;

  constructor(private readonly parts: HtcondorParts) {
    this.settlesWithin = parts.settlesWithin;
    const { eventLog } = parts.options.settings;
    if (eventLog === undefined) return;
    this.events = async (since) => {
      const { events, next } = await readEvents(eventLog, since);
      return { reports: reportsOfEvents(events), next };
    };
  }

  async submit(submission: Submission, call: Call): Promise<readonly BatchJob[]> {
    const { options, schedd, staging } = this.parts;
    const { settings, house, own } = options;
    const directory = await staging.open(submission.id);
    const { account } = call.identity ?? own ?? {};
    // Once HTCondor has the description it has jobs, which need their files.
    const describe = async (proxy: string | undefined): Promise<string> => {
      await staging.write(submission, isFlat(submission, schedd.isRemote));
      return submitDescription(submission, {
        settings,
        house,
        directory,
        spooled: schedd.isRemote,
        account,
        proxy: proxy === undefined ? undefined : await this.keepProxy(proxy, directory),
      });
    };
    let cluster: number;
    try {
      const printed = await schedd.submit(describe, directory, submitTimeout, call);
      cluster = clusterOf(printed, submission.attempts.length);
    } catch (error) {
      // Where the answer was lost the jobs may be there, and need their files.
      if (!toAppError(error).temporary) await staging.removeSent(directory);
      throw error;
    }
    if (schedd.isRemote) await staging.removeSent(directory);
    await staging.link(cluster, submission.id);
    // Nobody waits for it: the jobs are there.
    if (isLate(submission.attempts.length, schedd.isRemote)) void this.negotiateSoon(call);
    return jobsOf(cluster, submission);
  }

  async find(submission: Pick<Submission, 'id' | 'attempts'>, call: Call): Promise<readonly BatchJob[]> {
    const { schedd, staging } = this.parts;
    const constraint = `${this.ours()} && ${attributes.submission} == ${classAdString(submission.id)}`;
    const since = new Date(Date.now() - 2 * day);
    // A cluster comes to be all at once, so that any trace of it stands for all its jobs.
    const traces = [
      ...(await schedd.jobs(constraint, ['ClusterId'], call)),
      ...(await schedd.factories(constraint, ['ClusterId'], call)),
      ...(await schedd.left(constraint, ['ClusterId'], since, call)),
    ];
    const clusters = traces.flatMap(({ ClusterId }) => (typeof ClusterId === 'number' ? ClusterId : []));
    if (clusters.length === 0) return [];
    // Anybody in the pool may copy the attribute to a job of their own, but only later.
    const cluster = clusters.reduce((first, one) => Math.min(first, one));
    await staging.link(cluster, submission.id);
    return jobsOf(cluster, submission);
  }

  async cancel(batchIds: readonly string[], call: Call): Promise<void> {
    const { schedd, options } = this.parts;
    const clusters = byCluster(batchIds);
    if (clusters.size === 0) return;
    await cancelUnmade(schedd, options.house, batchIds, call);
    // What has ended is left to be harvested.
    const live = `${this.ours()} && JobStatus != 4 && JobStatus != 3 && (${idConstraint(clusters)})`;
    const removal = await schedd.attempt('condor_rm', { args: ['-constraint', live] }, call);
    if (removal.exitCode === 0) return;
    // It fails in the same words whether there is none or we may not.
    if ((await schedd.jobs(live, ['ClusterId'], call)).length === 0) return;
    throw permanent(
      'grid.unauthorized',
      `HTCondor does not let us remove these jobs: ${removal.stderr.trim()}`,
    );
  }

  async poll(open: ReadonlySet<string>, call: Call): Promise<readonly BatchReport[]> {
    const { schedd, options } = this.parts;
    const inQueue = reportsOf(await schedd.jobs(this.ours(), reportAttributes, call));
    const known = new Set(inQueue.map(({ batchId }) => batchId));
    const missing = [...open].filter((batchId) => !known.has(batchId) && parseCondorId(batchId));
    if (missing.length === 0) return inQueue;
    const { reports, lost } = await reportUnmade(schedd, options.house, missing, call);
    const found = [...inQueue, ...reports];
    if (lost.length === 0) return found;
    // Those that came to be between the two questions.
    const those = `${this.ours()} && (${idConstraint(byCluster(lost))})`;
    found.push(...reportsOf(await schedd.jobs(those, reportAttributes, call)));
    const seen = new Set(found.map(({ batchId }) => batchId));
    const gone = lost.filter((batchId) => !seen.has(batchId));
    if (gone.length === 0) return found;
    const since = new Date(Date.now() - 2 * day);
    const ended = `${this.ours()} && (${idConstraint(byCluster(gone))})`;
    return [...found, ...reportsOf(await schedd.left(ended, reportAttributes, since, call))];
  }

  async ownLog(batchId: string, call: Call): Promise<string | undefined> {
    const id = parseCondorId(batchId);
    if (!id) return undefined;
    const { schedd, staging } = this.parts;
    const directory = await staging.ofCluster(id.cluster);
    const parts: string[] = [];
    if (directory !== undefined) {
      parts.push(await eventsOf(join(directory, 'condor.log'), id));
      for (const file of ['/slipway.out', '/slipway.err', '.out', '.err'])
        parts.push(await endOfFile(join(directory, `${id.proc}${file}`)));
    }
    const analysis = await schedd.attempt('condor_q', { args: ['-better-analyze', batchId] }, call);
    if (analysis.exitCode === 0) parts.push(analysis.stdout.trim());
    return parts.filter((part) => part !== '').join('\n\n') || undefined;
  }

  async collect(batchId: string, directory: string, call: Call): Promise<readonly string[]> {
    const id = parseCondorId(batchId);
    if (!id) return [];
    const { schedd, staging } = this.parts;
    const base = await staging.ofCluster(id.cluster);
    if (base === undefined) {
      throw permanent('grid.refused', `job ${batchId} was not submitted from this machine's directory`);
    }
    const from = join(base, `${id.proc}`);
    if (schedd.isRemote) {
      await staging.reopen(from);
      await schedd.ask('condor_transfer_data', { args: [batchId], cwd: from }, call);
    }
    await mkdir(directory, { recursive: true });
    const brought: string[] = [];
    for (const name of transferredFiles) {
      // A link would lead out of what the job left.
      const left = await lstat(join(from, name)).catch(() => undefined);
      if (!left?.isFile() || left.size === 0) continue;
      await copyFile(join(from, name), join(directory, name));
      brought.push(name);
    }
    return brought;
  }

  async forget(batchIds: readonly string[], call: Call): Promise<void> {
    const { schedd, staging } = this.parts;
    const clusters = byCluster(batchIds);
    if (clusters.size === 0) return;
    const ended = `${this.ours()} && JobStatus == 4 && (${idConstraint(clusters)})`;
    const removal = await schedd.attempt('condor_rm', { args: ['-constraint', ended] }, call);
    if (removal.exitCode !== 0 && (await schedd.jobs(ended, ['ClusterId'], call)).length > 0)
      throw temporary('grid.unavailable', `condor_rm: ${removal.stderr.trim()}`);
    for (const [cluster, procs] of clusters) await staging.forget(cluster, procs);
  }

  async probe(call: Call): Promise<string> {
    const { schedd } = this.parts;
    await schedd.ask('condor_q', { args: ['-totals'] }, call);
    return `HTCondor ${await schedd.version(call)}`;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * condor_submit has the pool look for nodes at once, but a schedd that makes the jobs late has none by then, and says
   * so: the next look is that of SCHEDD_INTERVAL, minutes later. Where we may not ask for one, it is that.
   */
  private async negotiateSoon(call: Call): Promise<void> {
    await this.parts.schedd.attempt('condor_reschedule', { args: [] }, call).catch(() => undefined);
  }

  private ours(): string {
    return houseConstraint(this.parts.options.house);
  }

  /** A schedd that reads our files needs the proxy as long as the job runs; one that spools takes its own copy. */
  private async keepProxy(proxy: string, directory: string): Promise<string> {
    if (this.parts.schedd.isRemote) return proxy;
    const kept = join(directory, 'proxy');
    await copyFile(proxy, kept);
    return kept;
  }
}

function reportsOf(ads: readonly Ad[]): readonly BatchReport[] {
  return ads.flatMap((ad) => reportOf(ad) ?? []);
}

/** `31.0 - 31.399`: the cluster, which has to have as many jobs as were asked for. */
function clusterOf(printed: string, jobs: number): number {
  const match = /^(\d+)\.0(?: - \1\.(\d+))?$/m.exec(printed.trim());
  if (match && Number(match[2] ?? 0) === jobs - 1) return Number(match[1]);
  throw temporary(
    'grid.unavailable',
    `condor_submit did not say which jobs it made: ${printed.trim().slice(0, 200)}`,
  );
}

function jobsOf(cluster: number, { attempts }: Pick<Submission, 'attempts'>): readonly BatchJob[] {
  return attempts.map(({ id }, proc) => ({ attemptId: id, batchId: `${cluster}.${proc}` }));
}
