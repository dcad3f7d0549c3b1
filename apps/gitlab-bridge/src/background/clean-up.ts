import { toAppError } from '#errors';
import type { Logger } from '#service';
import type { DataSource } from 'typeorm';
import { sweepArtifacts } from '../artifacts/index.js';

const intervalMs = 3_600_000;

/** Forgets old CI jobs, once an hour. That several copies do it does no harm. */
export class CleanUp {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly keepDays: number,
    private readonly artifacts: string,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
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
      await sweepArtifacts(this.artifacts);
      const [, jobs] = await this.dataSource.query<[unknown, number]>(
        `delete from ci_job where phase = 'over' and over_at < now() - $1 * interval '1 day'`,
        [this.keepDays],
      );
      if (jobs > 0) this.log.info({ jobs }, 'old CI jobs were forgotten');
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.log.warn({ code, err: message }, 'old CI jobs cannot be forgotten now');
    }
  }
}
