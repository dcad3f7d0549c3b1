import { currentTraceparent, type Logger } from '#service';
import type { DataSource } from 'typeorm';
import type { GitLabs } from '../clients/gitlabs.js';
import type { BridgeConfig } from '../config.js';
import type { Configured } from '../configured.js';
import { CommitStatusStore } from '../storage/commit-status.store.js';
import { StatusIntake } from './status-intake.js';
import { StatusSender } from './status-sender.js';

/** What statuses of commits are made from. */
export interface StatusesParts {
  readonly config: BridgeConfig;
  readonly configured: Configured;
  readonly dataSource: DataSource;
  readonly gitlabs: GitLabs;
  /** There is something in the outbox. */
  readonly said: () => void;
  readonly log: Logger;
}

/** What GitLab shows at commits: how work goes is heard, written down and told. */
export class Statuses {
  readonly intake: StatusIntake;
  private readonly sender: StatusSender;

  constructor({ config, configured, dataSource, gitlabs, said, log }: StatusesParts) {
    const store = new CommitStatusStore(dataSource);
    this.sender = new StatusSender({
      store,
      configured,
      server: (url) => gitlabs.of(url),
      longestRetryMs: config.retryMs,
      giveUpMs: config.giveUpSeconds * 1_000,
      keepDays: config.keepDays,
      said,
      log,
    });
    this.intake = new StatusIntake({
      store,
      configured,
      consoleUrl: config.consoleUrl,
      pauseMs: config.statusPauseMs,
      traceparent: currentTraceparent,
      noted: () => this.sender.wake(),
      log,
    });
  }

  start(): void {
    this.sender.start();
  }

  /** Waits for what is on its way to GitLab. */
  stop(): Promise<void> {
    return this.sender.stop();
  }
}
