import { permanent, temporary } from '#errors';
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
import type { FoundJob } from './answers.js';
import { DiracxConnection } from './connection.js';
import { DiracxClient } from './diracx.client.js';
import { describeJobs, housePrefix, indexIn, jobGroupOf } from './jdl.js';
import { finalStatuses, isFinal, reportOf } from './job-report.js';
import { ownLogOf } from './own-log.js';
import { makeSandbox } from './sandbox.js';
import { TokenSource } from './token-source.js';
import { unpackSandbox } from './unpack-sandbox.js';

const uploadsAtOnce = 4;
/** How long ended jobs are reported. */
const reportedMs = 24 * 3_600_000;
/** Of an output sandbox when it is unpacked; DiracX takes 100 MB of it packed. */
const mostOutputBytes = 4 * 2 ** 30;
const killRounds = 4;
const neverConfirmed = 'Never confirmed by Slipway';

/** DiracX: a submission is one job or one parametric one, found again by its JobGroup. */
export class DiracxBackend implements GridBackend {
  /** Longer than this process waits for an answer, and the server needs to end a request that it began. */
  readonly settlesWithin = 90_000;
  /** A constant in DiracX's server: MAX_PARAMETRIC_JOBS. */
  readonly mostAttempts = 20;
  readonly #client: DiracxClient;
  readonly #options: BackendOptions;
  readonly #prefix: string;

  constructor(client: DiracxClient, options: BackendOptions) {
    this.#client = client;
    this.#options = options;
    this.#prefix = housePrefix(options.house);
  }

  async submit(submission: Submission, call: Call): Promise<readonly BatchJob[]> {
    const { attempts } = submission;
    const allowed = this.#options.settings.allowedSubmitCommands;
    const describe = (shared: string, own: readonly string[]): string =>
      describeJobs(submission, { prefix: this.#prefix, allowed, shared, own });
    // What DiracX could not be told is not to cost uploads.
    describe(
      'SB',
      attempts.map(() => 'SB'),
    );
    const shared = await this.#store(
      { 'slipway-job.sh': submission.wrapper, 'slipway-group.sh': submission.groupSettings },
      call,
    );
    const own: string[] = [];
    for (let at = 0; at < attempts.length; at += uploadsAtOnce)
      own.push(
        ...(await Promise.all(
          attempts
            .slice(at, at + uploadsAtOnce)
            .map(({ settings }) => this.#store({ 'slipway-attempt.sh': settings }, call)),
        )),
      );
    const jobs = await this.#client.submit(describe(shared, own), call);
    if (jobs.length !== attempts.length)
      throw temporary('grid.unavailable', `DiracX made ${jobs.length} jobs of ${attempts.length}`);
    // The jobs of a parametric one run when they are confirmed, and a lost answer leaves them to `find`.
    if (jobs.length > 1) await this.#confirm(new Map(jobs.map(({ id, at }) => [id, at])), call);
    return attempts.map(({ id }, index) => ({ attemptId: id, batchId: String(jobs[index]?.id) }));
  }

  async find(
    { id, attempts }: Pick<Submission, 'id' | 'attempts'>,
    call: Call,
  ): Promise<readonly BatchJob[]> {
    const conditions = [
      { parameter: 'JobGroup', operator: 'eq', value: jobGroupOf(id) },
      // Others may call their jobs what they like.
      { parameter: 'Owner', operator: 'eq', value: this.#client.owner(call) },
    ] as const;
    const jobs = (await this.#client.search(conditions, call, { logging: true })).filter(
      ({ MinorStatus }) => MinorStatus !== neverConfirmed,
    );
    const byIndex = new Map(jobs.map((job) => [indexIn(job.JobName ?? '', this.#prefix), job]));
    const unconfirmed = jobs.filter(({ Status }) => Status === 'Submitting');
    const isWhole = attempts.every((_, index) => byIndex.has(index));
    // DiracX inserts all or none; of anything else, what is not confirmed never ran and never will.
    if (isWhole) await this.#confirm(timesOf(unconfirmed), call);
    else await this.#kill(unconfirmed, neverConfirmed, call);
    return attempts.flatMap((attempt, index) => {
      const job = byIndex.get(index);
      const isThere = job !== undefined && (isWhole || job.Status !== 'Submitting');
      return isThere ? [{ attemptId: attempt.id, batchId: String(job.JobID) }] : [];
    });
  }

  async cancel(batchIds: readonly string[], call: Call): Promise<void> {
    call.signal.throwIfAborted();
    // DiracX refuses the whole of a request that names a job which it does not know.
    const jobs = await this.#client.jobs(idsOf(batchIds), call);
    await this.#kill(jobs, 'Cancelled by Slipway', call);
  }

  async poll(open: ReadonlySet<string>, call: Call): Promise<readonly BatchReport[]> {
    call.signal.throwIfAborted();
    const ours = { parameter: 'JobName', operator: 'like', value: `${this.#prefix}%` } as const;
    const since = new Date(Date.now() - reportedMs).toISOString();
    // The ended ones second: what ends between the two is in both then, and not in neither.
    const found = [
      ...(await this.#client.search(
        [ours, { parameter: 'Status', operator: 'not in', values: finalStatuses }],
        call,
      )),
      ...(await this.#client.search(
        [
          ours,
          { parameter: 'Status', operator: 'in', values: finalStatuses },
          { parameter: 'LastUpdateTime', operator: 'gt', value: since },
        ],
        call,
      )),
    ].filter(({ JobName }) => indexIn(JobName ?? '', this.#prefix) !== undefined);
    const jobs = new Map(found.map((job) => [String(job.JobID), job]));
    const missing = [...open].filter((id) => !jobs.has(id));
    for (const job of await this.#client.jobs(idsOf(missing), call)) jobs.set(String(job.JobID), job);
    return [...jobs.values()].map(reportOf);
  }

  async ownLog(batchId: string, call: Call): Promise<string | undefined> {
    const [job] = await this.#client.jobs(idsOf([batchId]), call, true);
    return job && ownLogOf(job);
  }

  async collect(batchId: string, directory: string, call: Call): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const id of idsOf([batchId]))
      for (const name of await this.#client.outputSandboxes(id, call)) {
        const options = { wanted: transferredFiles, mostBytes: mostOutputBytes, signal: call.signal };
        const files = await this.#client.fetch(name, call, (content) =>
          unpackSandbox(content, directory, options),
        );
        for (const file of files) found.add(file);
      }
    return [...found];
  }

  /** DIRAC's own cleaning removes what is marked so, with its sandboxes. */
  async forget(batchIds: readonly string[], call: Call): Promise<void> {
    const jobs = await this.#client.jobs(idsOf(batchIds), call);
    const over = jobs.filter(({ Status }) => isFinal(Status) && Status !== 'Deleted');
    await this.#client.setStatus('Deleted', changesOf(over, 'Harvested by Slipway'), call);
  }

  async probe(call: Call): Promise<string> {
    await this.#client.jobs([1], call);
    const { vo, group } = this.#options.settings;
    return `DiracX, as ${this.#client.owner(call)} of ${vo}/${group}`;
  }

  async close(): Promise<void> {}

  async #store(files: Readonly<Record<string, string>>, call: Call): Promise<string> {
    const sandbox = await makeSandbox(Object.entries(files).map(([name, content]) => ({ name, content })));
    return this.#client.store(sandbox, call);
  }

  /**
   * `jobs`: id → when DiracX last wrote something of it. The change is dated right after that, so that it counts for
   * nothing where something has happened since: another copy may have confirmed it, and it may run.
   */
  async #confirm(jobs: ReadonlyMap<number, Date>, call: Call): Promise<void> {
    const changes = new Map(
      [...jobs].map(([id, last]) => [id, { at: after(last), minorStatus: 'Job accepted' }]),
    );
    const left = await this.#client.setStatus('Received', changes, call);
    if (left.length > 0)
      throw temporary('grid.unavailable', `DiracX did not confirm ${left.length} jobs yet`);
  }

  async #kill(jobs: readonly FoundJob[], words: string, call: Call): Promise<void> {
    let alive = jobs.filter(isAlive);
    // DiracX locks nothing between reading a status and writing the next: a pilot's may go over ours at that moment.
    for (let round = 0; alive.length > 0 && round < killRounds; round += 1) {
      await this.#client.setStatus('Killed', changesOf(alive, words), call);
      const ids = alive.map(({ JobID }) => JobID);
      alive = (await this.#client.jobs(ids, call)).filter(isAlive);
    }
    if (alive.length > 0) throw temporary('grid.unavailable', `DiracX did not end ${alive.length} jobs yet`);
  }
}

/** Of a completed one nothing runs any more: DIRAC lets it become done or failed alone. */
const isAlive = ({ Status }: FoundJob): boolean => !isFinal(Status) && Status !== 'Completed';

const changesOf = (
  jobs: readonly FoundJob[],
  minorStatus: string,
): ReadonlyMap<number, { readonly at: Date; readonly minorStatus: string }> =>
  new Map(
    [...timesOf(jobs)].map(([id, last]) => [
      id,
      { at: new Date(Math.max(Date.now(), after(last).getTime())), minorStatus },
    ]),
  );

const timesOf = (jobs: readonly FoundJob[]): ReadonlyMap<number, Date> =>
  new Map(
    jobs.map(({ JobID, LastUpdateTime, LoggingInfo = [] }) => {
      const times = [LastUpdateTime, ...LoggingInfo.map(({ StatusTime }) => StatusTime)];
      return [JobID, new Date(Math.max(0, ...times.map((time) => time?.getTime() ?? 0)))];
    }),
  );

/** DiracX counts microseconds, which a Date does not have. */
const after = (date: Date): Date => new Date(date.getTime() + 1);

const idsOf = (batchIds: readonly string[]): readonly number[] =>
  batchIds.filter((id) => /^[1-9]\d{0,14}$/.test(id)).map(Number);

/** Opens it with pages of that many jobs, for tests. */
export async function openDiracx(options: BackendOptions, jobsOfPage?: number): Promise<DiracxBackend> {
  const { name, url, vo, group } = options.settings;
  if (url === undefined || vo === undefined || group === undefined)
    throw permanent('grid.refused', `backend ${name}: DiracX needs url, vo and group`, { subject: name });
  const connection = new DiracxConnection(url);
  const tokens = new TokenSource(connection, { vo, group });
  return new DiracxBackend(new DiracxClient(connection, tokens, { own: options.own, jobsOfPage }), options);
}

/** DiracX by its HTTP API alone: no DIRAC client is needed on this machine. */
export const diracxKind: BackendKind = {
  kind: 'diracx',
  title: 'DiracX',
  open: (options) => openDiracx(options),
};
