import { OutboxRelay, type OutboxPublisher } from '#database';
import type { Logger } from '#service';
import type { DataSource } from 'typeorm';
import type { Configured } from './configured.js';
import { Intake } from './intake/intake.js';
import { CancelStore } from './storage/cancel.store.js';
import { GroupStore } from './storage/group.store.js';
import { OutcomeStore } from './storage/outcome.store.js';
import { RetryStore } from './storage/retry.store.js';

export interface SubmitterParts {
  readonly configured: Configured;
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: Logger;
}

/** The service without its edges: what takes groups in, and the outbox. */
export class Submitter {
  readonly intake: Intake;
  private readonly outbox: OutboxRelay;

  constructor(private readonly parts: SubmitterParts) {
    const { dataSource, bus, log, configured } = parts;
    this.outbox = new OutboxRelay({ dataSource, bus, log });
    this.intake = new Intake({
      groups: new GroupStore(dataSource),
      cancels: new CancelStore(dataSource),
      retries: new RetryStore(dataSource),
      outcomes: new OutcomeStore(dataSource),
      known: configured,
      log,
      accepted: () => this.outbox.wake(),
      freed: () => {},
    });
  }

  start(): void {
    this.outbox.start();
  }

  /** Ends the background work; messages may still be accepted. */
  async stop(): Promise<void> {
    await this.outbox.close();
  }

  async close(): Promise<void> {
    await this.parts.dataSource.destroy();
  }
}
