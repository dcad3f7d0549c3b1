import { backendResource } from '#contracts';
import {
  backendKinds,
  type BackendOptions,
  type BatchReport,
  type Call,
  type GridBackend,
  openBackend,
  type Submission,
} from '#grid';
import { waitFor } from '../wait-for.js';

/** A backend of its own house on a batch system, and what tests ask of it. */
export interface BackendWorld {
  readonly backend: GridBackend;
  readonly call: Call;
  readonly directory: string;
  /** The batch system's ids, in the order of the attempts. */
  readonly submit: (submission: Submission) => Promise<string[]>;
  /** What the backend says of a job, once that holds. */
  readonly until: (
    batchId: string,
    what: string,
    holds: (report: BatchReport) => boolean,
  ) => Promise<BatchReport>;
}

/** A house of its own for each test file: it never sees another's jobs in the batch system. */
export interface BackendWorldOptions {
  readonly house: string;
  /** Of the backend, without its name. */
  readonly settings: { readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly own?: BackendOptions['own'];
  readonly identity?: Call['identity'];
}

/** For `until`: a node works on it. */
export const isRunning = ({ state }: BatchReport): boolean => state === 'running';

/** For `until`: it ended, or the batch system has forgotten it, which some do soon. */
export const isOver = ({ state }: BatchReport): boolean => state === 'ended' || state === 'gone';

/** `lab`: where the batch system's nodes and this process both see a house's directory. */
export async function backendWorld(
  lab: { workDirectory(house: string): string },
  { house, settings, own, identity }: BackendWorldOptions,
): Promise<BackendWorld> {
  const directory = lab.workDirectory(house);
  const backend = await openBackend(backendKinds, {
    settings: backendResource.schema.parse({ name: 'pool', ...settings }),
    house,
    directory,
    own,
    logger: { info: () => {}, warn: () => {} },
  });
  const call: Call = { identity, signal: AbortSignal.timeout(900_000) };
  return {
    backend,
    call,
    directory,
    submit: async (submission) => (await backend.submit(submission, call)).map(({ batchId }) => batchId),
    until: (batchId, what, holds) =>
      waitFor(
        async () => {
          const reports = await backend.poll(new Set([batchId]), call);
          const report = reports.find((one) => one.batchId === batchId);
          if (report && holds(report)) return report;
          throw new Error(JSON.stringify(report));
        },
        { what, deadlineMs: 120_000, intervalMs: 100 },
      ).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await backend.ownLog(batchId, call)}`, { cause: error });
      }),
  };
}
