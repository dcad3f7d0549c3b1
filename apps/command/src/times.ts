import { usage } from './errors/usage.js';

const lengths: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3, w: 604_800e3 };

/** An RFC 3339 time from `2026-01-31T12:00:00Z`, `2026-01-31`, or a duration such as 24h before now. */
export const pastTime = (text: string, option: string, now: Date): string => timeOf(text, option, now, -1);

/** The same, with a duration counted from now on. */
export const futureTime = (text: string, option: string, now: Date): string => timeOf(text, option, now, 1);

function timeOf(text: string, option: string, now: Date, sign: 1 | -1): string {
  const [, count, unit = ''] = /^(\d{1,6})\s*([smhdw])$/.exec(text) ?? [];
  const length = lengths[unit];
  if (count !== undefined && length !== undefined)
    return new Date(now.getTime() + sign * Number(count) * length).toISOString();
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw usage(
    `--${option} takes a time such as 2026-01-31T12:00:00Z, or a duration such as 90s, 24h or 7d, not "${text}"`,
  );
}
