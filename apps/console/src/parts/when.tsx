import { useEffect, useState } from 'react';

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const localSeconds = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const steps = [
  { unit: 'second', seconds: 1, below: 60 },
  { unit: 'minute', seconds: 60, below: 3_600 },
  { unit: 'hour', seconds: 3_600, below: 86_400 },
  { unit: 'day', seconds: 86_400, below: 86_400 * 30 },
] as const;

/** `3 minutes ago`; the date once it is more than a month away. */
export function fromNow(at: Date, now: number): string {
  const seconds = Math.round((at.getTime() - now) / 1_000);
  if (Math.abs(seconds) < 5) return 'just now';
  const step = steps.find(({ below }) => Math.abs(seconds) < below);
  return step ? relative.format(Math.trunc(seconds / step.seconds), step.unit) : local.format(at);
}

/** `at` is RFC 3339 as the API writes it; `isRelative` keeps itself up to date. */
export interface WhenProps {
  readonly at: string;
  readonly isRelative?: boolean;
  /** To the second. */
  readonly isPrecise?: boolean;
}

/** A point in time as it is here; the title has it in UTC. */
export function When({ at, isRelative = false, isPrecise = false }: WhenProps) {
  const now = useNow(isRelative ? 30_000 : undefined);
  const date = new Date(at);
  const utc = `${date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '')} UTC`;
  const title = isRelative ? `${local.format(date)} · ${utc}` : utc;
  return (
    <time dateTime={at} title={title} className="numeric">
      {isRelative ? fromNow(date, now) : (isPrecise ? localSeconds : local).format(date)}
    </time>
  );
}

/** The present, told anew every so many milliseconds; once where undefined. */
export function useNow(everyMs: number | undefined): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
