import type { AdvisoryLock } from '#database';
import { toAppError } from '#errors';
import { WakeUp } from '#service';
import type { LaneWork } from './lane-work.js';

/** What lanes need of a logger, so that tests can listen without one. */
export interface LaneLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** One lane of one copy of the service: every copy has one for each CVMFS repository, and most stand by. */
export interface LaneOptions {
  readonly cvmfsRepository: string;
  /** The right to work on the repository, or undefined while another copy has it. */
  readonly lock: () => Promise<AdvisoryLock | undefined>;
  readonly work: LaneWork;
  readonly log: LaneLog;
  /** How often a copy that stands by tries for the lock, in milliseconds. */
  readonly standbyMs: number;
}

/**
 * The serial work on one CVMFS repository. Of all copies of the service one leads a lane; the lock is a database
 * session's, so that a leader that dies is followed at once, and a leader that loses its session stops.
 */
export class Lane {
  private readonly stopping = new AbortController();
  /** Aborted when no further lead is wanted. */
  private readonly ending = new AbortController();
  private readonly standby = new WakeUp();
  private done: Promise<void> | undefined;

  constructor(private readonly options: LaneOptions) {}

  start(): void {
    this.done = this.run();
  }

  /** Something was asked for: look now rather than at the next interval. */
  wake(): void {
    this.options.work.wake();
  }

  /** Begins nothing new, ends when what is under way is done, and lets another lead. */
  async finish(): Promise<void> {
    this.ending.abort();
    this.options.work.finish();
    await this.done;
  }

  /** Drops what is under way, which whoever leads next takes up, and lets another lead. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.stopping.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    const { log, cvmfsRepository, standbyMs } = this.options;
    while (!this.ending.signal.aborted) {
      try {
        await this.lead();
      } catch (thrown) {
        const error = toAppError(thrown);
        log[error.level === 'error' ? 'error' : 'warn'](
          { cvmfsRepository, code: error.code, err: error.message },
          'the lane stopped and will try again',
        );
      }
      await this.standby.wait(standbyMs, this.ending.signal);
    }
  }

  private async lead(): Promise<void> {
    const lock = await this.options.lock();
    if (!lock) return;
    try {
      if (this.ending.signal.aborted) return;
      this.options.log.info({ cvmfsRepository: this.options.cvmfsRepository }, 'leading the lane');
      await this.options.work.run(AbortSignal.any([this.stopping.signal, lock.lost]));
    } finally {
      await lock.release();
    }
  }
}
