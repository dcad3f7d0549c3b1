import { OutboxRelay, type OutboxPublisher } from '#database';
import type { BackendKind } from '#grid';
import { Every, type Logger, type Registry } from '#service';
import type { DataSource } from 'typeorm';
import { GroupProgress } from './background/group-progress.js';
import { ParkedReports } from './background/parked-reports.js';
import { Retention } from './background/retention.js';
import { Grids } from './clients/grids.js';
import type { MonitorConfig } from './config.js';
import type { Configured } from './configured.js';
import { Groups } from './ledger/groups.js';
import { Ledger } from './ledger/ledger.js';
import { Collecting, type Collector } from './polling/collecting.js';
import { PollMetrics } from './polling/poll-metrics.js';
import { Pollers } from './polling/pollers.js';

/** What the service is made from: what Nest opens and closes, and what tests put in its place. */
export interface MonitorParts {
  readonly config: MonitorConfig;
  readonly configured: Configured;
  readonly kinds: readonly BackendKind[];
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly metrics: Registry;
  readonly log: Logger;
}

const progressMs = 250;
const parkedMs = 1_000;
const retentionMs = 3_600_000;

/** The service without its edges: the ledger, what works on it in the background, and the outbox. */
export class Monitor {
  readonly ledger: Ledger;
  readonly groups: Groups;
  readonly grids: Grids;
  /** What brings back what jobs left where the batch system transfers it; set before the start. */
  collector: Collector | undefined;
  private readonly outbox: OutboxRelay;
  private readonly pollers: Pollers;
  private readonly loops: readonly Every[];

  constructor(private readonly parts: MonitorParts) {
    const { config, configured, dataSource, bus, log, kinds, metrics } = parts;
    const { house, stateDirectory, retentionDays } = config;
    this.outbox = new OutboxRelay({ dataSource, bus, log });
    const said = (): void => this.said();
    this.ledger = new Ledger({ dataSource, log, said });
    this.grids = new Grids({ kinds, configured, house, stateDirectory, log });
    const collecting = new Collecting(() => this.collector, log);
    this.pollers = new Pollers({
      config,
      configured,
      dataSource,
      ledger: this.ledger,
      grids: this.grids,
      collecting,
      metrics: new PollMetrics(metrics),
      log,
    });
    const [progress, parked, retention] = [
      new GroupProgress(dataSource, said),
      new ParkedReports(dataSource, said),
      new Retention(dataSource, retentionDays, log),
    ];
    const applying = new Every('early reports', parkedMs, () => parked.round(), log);
    this.groups = new Groups(dataSource, () => applying.wake());
    this.loops = [
      applying,
      new Every('progress of groups', progressMs, () => progress.round(), log),
      new Every('retention', retentionMs, () => retention.round(), log),
    ];
  }

  /** Something was committed to the outbox: it is said now rather than at the next interval. */
  said(): void {
    this.outbox.wake();
  }

  start(): void {
    this.outbox.start();
    for (const loop of this.loops) loop.start();
    this.pollers.start();
  }

  /** Ends the background work; messages and reports may still be accepted. */
  async stop(): Promise<void> {
    await this.pollers.stop();
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await this.grids.closeAll();
    await this.ledger.close();
    await this.outbox.close();
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.parts.dataSource.destroy();
  }
}
