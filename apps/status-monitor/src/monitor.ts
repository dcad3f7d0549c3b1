import { OutboxRelay, type OutboxPublisher } from '#database';
import type { Logger } from '#service';
import type { DataSource } from 'typeorm';
import { Groups } from './ledger/groups.js';
import { Ledger } from './ledger/ledger.js';

export interface MonitorParts {
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: Logger;
}

/** The service without its edges: the ledger, what works on it in the background, and the outbox. */
export class Monitor {
  readonly ledger: Ledger;
  readonly groups: Groups;
  private readonly outbox: OutboxRelay;

  constructor(private readonly parts: MonitorParts) {
    const { dataSource, bus, log } = parts;
    this.outbox = new OutboxRelay({ dataSource, bus, log });
    const said = (): void => this.outbox.wake();
    this.ledger = new Ledger({ dataSource, log, said });
    this.groups = new Groups(dataSource, () => {});
  }

  start(): void {
    this.outbox.start();
  }

  /** Ends the background work; messages and reports may still be accepted. */
  async stop(): Promise<void> {
    await this.ledger.close();
    await this.outbox.close();
  }

  async close(): Promise<void> {
    await this.parts.dataSource.destroy();
  }
}
