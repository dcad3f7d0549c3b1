import { toAppError } from '#errors';
import type { CleanUpStore } from '../storage/clean-up.store.js';
import type { EngineLog } from './parts.js';

const intervalMs = 3_600_000;

/** Forgets old groups, once an hour. That several copies do it does no harm. */
export class CleanUp {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: CleanUpStore,
    private readonly keepDays: number,
    private readonly log: EngineLog,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.run(), intervalMs).unref();
    void this.run();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async run(): Promise<void> {
    try {
      const groups = await this.store.forget(this.keepDays);
      if (groups > 0) this.log.info({ groups }, 'old groups were forgotten');
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.log.warn({ code, err: message }, 'old groups cannot be forgotten now');
    }
  }
}
