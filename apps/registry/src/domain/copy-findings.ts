import type { Finding } from '#api';

/** A copy of a service that keeps a copy of the registry. */
export interface HeardCopy {
  /** Where it listens: `<service>.copy.<instance>`. */
  readonly queue: string;
  /** It was told everything up to here, when it asked last. */
  readonly revision: number;
  readonly heardAt: Date;
  /** Since when it asks for what it was sent already. */
  readonly stuckSince: Date | undefined;
}

/** A copy asks every five minutes when nothing is missing; one that missed two turns does not run. */
export const copyPatienceMs = 11 * 60_000;
/** A question may cross its answer; after this long the copy does not take what it is sent. */
const stuckMs = 120_000;

/** What is known of one service's copies. `newest`: the registry's own revision. */
export function copiesFinding(
  service: string,
  heard: readonly HeardCopy[],
  newest: number,
  now: Date,
): Finding {
  const name = `copies of ${service}`;
  const own = heard.filter(({ queue }) => queue.startsWith(`${service}.copy.`));
  if (own.length === 0)
    return {
      name,
      ok: true,
      detail: 'none asked within 11 minutes: it does not run, or has SLIPWAY_REGISTRY=off',
    };
  const latest = new Date(Math.max(...own.map(({ heardAt }) => heardAt.getTime())));
  const counts = `${own.length} heard, the last at ${latest.toISOString()}`;
  const stuck = own.filter(({ stuckSince }) => stuckSince && now.getTime() - stuckSince.getTime() > stuckMs);
  if (stuck.length === 0) {
    const lowest = Math.min(...own.map(({ revision }) => revision));
    return { name, ok: true, detail: `${counts}; told up to revision ${lowest} then; it is ${newest} now` };
  }
  const behind = stuck.map(({ queue, revision }) => `${queue} stays at revision ${revision}`).join(', ');
  const advice = `see the log of ${service}: it does not take what it is sent; is it older than the registry?`;
  return { name, ok: false, detail: `${counts}; ${behind}; the newest is ${newest}`, advice };
}
