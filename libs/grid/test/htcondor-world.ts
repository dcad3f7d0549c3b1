import { setTimeout as delay } from 'node:timers/promises';
import { backendResource } from '#contracts';
import { backendKinds, type BatchReport, type Call, type GridBackend, openBackend } from '#grid';
import { type Condor, waitFor } from '#lab';

/** A backend of its own house on an HTCondor, and what tests ask of it. */
export interface HtcondorWorld {
  readonly condor: Condor;
  readonly backend: GridBackend;
  readonly call: Call;
  readonly directory: string;
  /** What the backend says of a job, once that holds. */
  readonly until: (
    batchId: string,
    what: string,
    holds: (report: BatchReport) => boolean,
  ) => Promise<BatchReport>;
}

export async function htcondorWorld(
  condor: Condor,
  house: string,
  settings: object = {},
  identity?: Call['identity'],
): Promise<HtcondorWorld> {
  const directory = condor.workDirectory(house);
  const backend = await openBackend(backendKinds, {
    settings: backendResource.schema.parse({
      name: 'pool',
      kind: 'htcondor',
      tools: condor.bin,
      ...settings,
    }),
    house,
    directory,
    logger: { info: () => {}, warn: () => {} },
  });
  const call: Call = { identity, signal: AbortSignal.timeout(600_000) };
  return {
    condor,
    backend,
    call,
    directory,
    until: (batchId, what, holds) =>
      waitFor(
        async () => {
          const reports = await backend.poll(new Set([batchId]), call);
          const report = reports.find((one) => one.batchId === batchId);
          if (report && holds(report)) return report;
          await delay(100);
          throw new Error(JSON.stringify(report));
        },
        { what, deadlineMs: 90_000 },
      ),
  };
}
