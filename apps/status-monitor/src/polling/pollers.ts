import type { BackendSettings } from '#contracts';
import { holdAdvisoryLock } from '#database';
import type { Logger } from '#service';
import type { DataSource } from 'typeorm';
import type { Grids } from '../clients/grids.js';
import type { MonitorConfig } from '../config.js';
import type { Configured } from '../configured.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Collecting } from './collecting.js';
import { EventReading } from './event-reading.js';
import { Leader, type LeaderOptions } from './leader.js';
import { Poll } from './poll.js';
import type { PollMetrics } from './poll-metrics.js';

/** What all polls share; the backends are in `configured`, and change while they are polled. */
export interface PollersParts {
  readonly config: MonitorConfig;
  readonly configured: Configured;
  readonly grids: Grids;
  readonly dataSource: DataSource;
  readonly ledger: Ledger;
  readonly collecting: Collecting;
  readonly metrics: PollMetrics;
  readonly log: Logger;
}

/** How soon a new event is read, in milliseconds. */
const eventsMs = 500;

/** A poller for each configured backend, and a reader for each event log, while they come, change and go. */
export class Pollers {
  private readonly running = new Map<
    string,
    { readonly settings: string; readonly leaders: readonly Leader[] }
  >();
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly parts: PollersParts) {}

  start(): void {
    this.follow();
    this.parts.configured.onChange(() => this.follow());
  }

  async stop(): Promise<void> {
    for (const name of this.running.keys()) this.end(name);
    await Promise.all(this.ending);
  }

  private follow(): void {
    const wanted = new Map(this.parts.configured.backends.map((backend) => [backend.name, backend]));
    for (const [name, { settings }] of this.running)
      if (JSON.stringify(wanted.get(name)) !== settings) this.end(name);
    for (const backend of wanted.values()) if (!this.running.has(backend.name)) this.begin(backend);
  }

  private begin(backend: BackendSettings): void {
    const leaders = [this.poller(backend), ...(backend.eventLog === undefined ? [] : [this.reader(backend)])];
    this.running.set(backend.name, { settings: JSON.stringify(backend), leaders });
    for (const leader of leaders) leader.start();
  }

  private poller(backend: BackendSettings): Leader {
    const poll = new Poll({ ...this.parts, ...this.timing(), ...this.door(backend), settings: backend });
    return this.leader(`polling ${backend.name}`, `poll ${backend.name}`, {
      work: (signal) => poll.round(signal),
      intervalMs: this.parts.config.pollSeconds * 1_000,
    });
  }

  private reader(backend: BackendSettings): Leader {
    const { patience } = this.timing();
    const events = new EventReading({ ...this.parts, patience, ...this.door(backend), settings: backend });
    return this.leader(`reading events of ${backend.name}`, `events ${backend.name}`, {
      work: (signal) => events.round(signal),
      intervalMs: eventsMs,
      saysOnce: true,
    });
  }

  private leader(
    what: string,
    lock: string,
    how: Pick<LeaderOptions, 'work' | 'intervalMs' | 'saysOnce'>,
  ): Leader {
    const { config, log } = this.parts;
    return new Leader({
      what,
      lock: () => holdAdvisoryLock(config.postgresUrl, `${config.schema} ${lock}`),
      ...how,
      standbyMs: Math.min(1_000, config.pollSeconds * 1_000),
      log,
    });
  }

  private door({ name }: BackendSettings): Pick<ConstructorParameters<typeof Poll>[0], 'open'> {
    return { open: () => this.parts.grids.of(name) };
  }

  private timing(): Pick<ConstructorParameters<typeof Poll>[0], 'patience' | 'timeoutMs'> {
    const { stallSeconds, graceSeconds, cancelSeconds, vanishSeconds, pollSeconds } = this.parts.config;
    const patience = {
      stallMs: stallSeconds * 1_000,
      graceMs: graceSeconds * 1_000,
      cancelMs: cancelSeconds * 1_000,
      vanishMs: vanishSeconds * 1_000,
    };
    return { patience, timeoutMs: Math.max(60_000, pollSeconds * 3_000) };
  }

  private end(name: string): void {
    const leaders = this.running.get(name)?.leaders ?? [];
    this.running.delete(name);
    for (const leader of leaders) {
      const done = leader.stop().finally(() => this.ending.delete(done));
      this.ending.add(done);
    }
  }
}
