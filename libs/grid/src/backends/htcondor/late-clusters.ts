import { z } from 'zod';
import type { BatchReport, Call } from '../../backend.js';
import { byCluster, classAdString, procExpression, rangesOf } from './classad.js';
import type { Schedd } from './schedd.js';
import { attributes, removalWords } from './submit-description.js';

/** Which of a cluster's procs are cancelled before they exist, as `3-7,9`: for us, as the expression is for HTCondor. */
const cancelledProcs = 'SlipwayCancelledProcs';

const factoryAd = z.object({
  ClusterId: z.int(),
  /** Procs from here on do not exist yet. */
  JobMaterializeNextProcId: z.int(),
  TotalSubmitProcs: z.int(),
  [cancelledProcs]: z.string().default(''),
});

type Factory = z.output<typeof factoryAd>;

/**
 * Reports of jobs that a cluster's factory has still to make: they wait, unless they were cancelled meanwhile. `missing`
 * are those that the queue does not have; the ones that no factory owes come back as `lost`.
 */
export async function reportUnmade(
  schedd: Schedd,
  house: string,
  missing: readonly string[],
  call: Call,
): Promise<{ readonly reports: readonly BatchReport[]; readonly lost: readonly string[] }> {
  const factories = new Map(
    (await factoriesOf(schedd, houseConstraint(house), call)).map((factory) => [factory.ClusterId, factory]),
  );
  const reports: BatchReport[] = [];
  const lost: string[] = [];
  for (const batchId of missing) {
    const [cluster, proc] = batchId.split('.').map(Number) as [number, number];
    const factory = factories.get(cluster);
    if (factory === undefined || proc < factory.JobMaterializeNextProcId || proc >= factory.TotalSubmitProcs)
      lost.push(batchId);
    else reports.push(reportOfUnmade(batchId, isCancelled(factory, proc)));
  }
  return { reports, lost };
}

/**
 * Cancels jobs that do not exist yet: their cluster says so, and HTCondor removes each as soon as it makes it. It has no
 * command for that.
 */
export async function cancelUnmade(
  schedd: Schedd,
  house: string,
  batchIds: readonly string[],
  call: Call,
): Promise<void> {
  const clusters = byCluster(batchIds);
  if (clusters.size === 0) return;
  const those = [...clusters.keys()].map((cluster) => `ClusterId == ${cluster}`).join(' || ');
  const factories = await factoriesOf(schedd, `${houseConstraint(house)} && (${those})`, call);
  for (const factory of factories) {
    const unmade = (clusters.get(factory.ClusterId) ?? []).filter(
      (proc) => proc >= factory.JobMaterializeNextProcId && proc < factory.TotalSubmitProcs,
    );
    if (unmade.length === 0) continue;
    const all = [...procsOf(factory), ...unmade];
    const list = rangesOf(all).map(([from, to]) => `${from}-${to}`);
    const edits = [cancelledProcs, classAdString(list.join(','))];
    const args = [`${factory.ClusterId}`, attributes.cancelled, procExpression(all), ...edits];
    await schedd.ask('condor_qedit', { args }, call);
  }
}

/** The ClassAd constraint for the jobs of one house. */
export function houseConstraint(house: string): string {
  return `${attributes.house} == ${classAdString(house)}`;
}

async function factoriesOf(schedd: Schedd, constraint: string, call: Call): Promise<readonly Factory[]> {
  const ads = await schedd.factories(constraint, Object.keys(factoryAd.shape), call);
  return ads.flatMap((ad) => factoryAd.safeParse(ad).data ?? []);
}

function procsOf(factory: Factory): number[] {
  return factory[cancelledProcs].split(',').flatMap((range) => {
    const [from, to] = range.split('-').map(Number);
    if (range === '' || from === undefined || to === undefined) return [];
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

function isCancelled(factory: Factory, proc: number): boolean {
  return factory[cancelledProcs].split(',').some((range) => {
    const [from, to] = range.split('-').map(Number);
    return from !== undefined && to !== undefined && range !== '' && proc >= from && proc <= to;
  });
}

function reportOfUnmade(batchId: string, cancelled: boolean): BatchReport {
  if (!cancelled) return { batchId, state: 'waiting' };
  return { batchId, state: 'gone', reason: { fault: 'cancelled', words: removalWords.cancelled } };
}
