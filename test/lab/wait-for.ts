import { setTimeout as delay } from 'node:timers/promises';

/** How long, and how often it is looked. */
export interface WaitOptions {
  /** What is waited for, for the error. */
  readonly what: string;
  /** In milliseconds; 60 s unless told: on a small machine that runs everything at once much is slow. */
  readonly deadlineMs?: number;
  readonly intervalMs?: number;
}

/**
 * Waits until the condition gives something true, and returns it. A condition that throws counts as not met yet; at the
 * deadline the error says what was waited for, and what the condition said last.
 */
export async function waitFor<Result>(
  condition: () => Result | Promise<Result>,
  { what, deadlineMs = 60_000, intervalMs = 25 }: WaitOptions,
): Promise<NonNullable<Result>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    let last: unknown;
    try {
      const result = await condition();
      if (result) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}; last: ${String(last)}`, { cause: last });
    }
    await delay(intervalMs);
  }
}
