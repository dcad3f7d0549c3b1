import { type AppError, toAppError } from '#errors';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { type DatabaseOptions, openDatabase } from './open-database.js';
import { unavailable } from './unavailable.js';

/** What of a process its database needs; `Runtime` of #service has it. */
export interface DatabaseProcess {
  readonly logger: { warn(fields: object, text: string): void };
  /** Told how to find out whether the database answers. */
  readonly readiness: { add(check: { readonly name: string; check(): Promise<void> }): void };
}

const waitsMs = [500, 1000, 2000, 5000];

/**
 * A service's own schema, as `openDatabase` opens it, once the server answers: services and servers start in any order.
 * The process is not ready while it does not, and tells why. Permanent errors end the waiting.
 */
export async function openServiceDatabase(
  storage: Omit<DatabaseOptions, 'url' | 'schema'>,
  { postgresUrl: url, schema }: { readonly postgresUrl: string; readonly schema: string },
  { logger, readiness }: DatabaseProcess,
): Promise<DataSource> {
  const state: { dataSource?: DataSource; missed?: string } = {};
  readiness.add({
    name: 'database',
    async check() {
      if (!state.dataSource) throw new Error(state.missed ?? 'not asked yet');
      await state.dataSource.query('select 1').catch((cause: unknown) => {
        throw unavailable(url, cause);
      });
    },
  });
  state.dataSource = await untilReachable(
    () => openDatabase({ ...storage, url, schema }),
    ({ code, message }) => {
      state.missed = message;
      logger.warn({ code, reason: message }, 'the database has to be waited for');
    },
  );
  return state.dataSource;
}

async function untilReachable<T>(open: () => Promise<T>, missed: (error: AppError) => void): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await open();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!error.temporary) throw error;
      missed(error);
      await pause(waitsMs[Math.min(tries, waitsMs.length - 1)]);
    }
  }
}
