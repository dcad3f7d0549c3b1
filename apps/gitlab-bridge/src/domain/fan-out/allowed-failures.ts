/** How many jobs may fail before the CI job counts as failed. */
export type AllowedFailures =
  { readonly kind: 'count'; readonly count: number } | { readonly kind: 'percent'; readonly percent: number };

/** `3`, `2.5%` or `all`; undefined where it is none of them. */
export function parseAllowedFailures(text: string): AllowedFailures | undefined {
  if (text === 'all') return { kind: 'percent', percent: 100 };
  const [, digits, fraction, sign] = /^(\d{1,6})(\.\d{1,3})?\s*(%?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = Number(`${digits}${fraction ?? ''}`);
  if (sign === '%') return value <= 100 ? { kind: 'percent', percent: value } : undefined;
  return fraction === undefined ? { kind: 'count', count: value } : undefined;
}

/** How many that is of so many jobs. A share is rounded down: 1% of 99 is none. */
export function mostFailures(allowed: AllowedFailures, jobs: number): number {
  if (allowed.kind === 'count') return Math.min(allowed.count, jobs);
  // Per mille of a percent, in whole numbers: 0.29 * 100 is 28.999…
  return Math.floor((Math.round(allowed.percent * 1_000) * jobs) / 100_000);
}

/** The policy for so many jobs in words of the trace: `3 (1%) may fail`. */
export const allowedFailuresText = (allowed: AllowedFailures, jobs: number): string => {
  const most = mostFailures(allowed, jobs);
  const share = allowed.kind === 'percent' && allowed.percent < 100 ? ` (${allowed.percent}%)` : '';
  if (most >= jobs) return 'all of them may fail';
  return most === 0 ? `none may fail${share}` : `${most}${share} may fail`;
};
