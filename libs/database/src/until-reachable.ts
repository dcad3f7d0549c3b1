import { toAppError } from '#errors';
import { setTimeout as pause } from 'node:timers/promises';

const waitsMs = [500, 1000, 2000, 5000];

/** Tries until the database answers: services and servers start in any order. Permanent errors end it. */
export async function untilReachable<T>(
  open: () => Promise<T>,
  log: { warn(fields: object, text: string): void },
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await open();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!error.temporary) throw error;
      log.warn({ code: error.code, err: error.message }, 'the database has to be waited for');
      await pause(waitsMs[Math.min(tries, waitsMs.length - 1)]);
    }
  }
}
