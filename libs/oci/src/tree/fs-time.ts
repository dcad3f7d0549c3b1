/** Largest time that a Date holds, in seconds; file systems clamp to less by themselves. */
const largest = 8.64e12;

/**
 * Seconds since 1970 for `node:fs`, which reads a negative number as "now": such times go in as a Date, exact to the
 * millisecond.
 */
export function fsTime(seconds: number): number | Date {
  const clamped = Math.min(largest, Math.max(-largest, seconds));
  return clamped < 0 ? new Date(Math.round(clamped * 1000)) : clamped;
}
