import type { BackendSettings } from '#contracts';
import { holdAdvisoryLock } from '#database';
import type { Logger } from '#service';
import type { DataSource } from 'typeorm';
import type { Grids } from '../clients/grids.js';
import type { MonitorConfig } from '../config.js';
import type { Configured } from '../configured.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Collecting } from './collecting.js';
import { Leader } from './leader.js';
import { Poll } from './poll.js';
import type { PollMetrics } from './poll-metrics.js';

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

/** A poller for each configured backend, while they come, change and go. */
export class Pollers {
  private readonly running = new Map<string, { readonly settings: string; readonly leader: Leader }>();
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
    const { config, log } = this.parts;
    const poll = new Poll({ ...this.parts, ...this.timing(), ...this.door(backend), settings: backend });
    const leader = new Leader({
      what: `polling ${backend.name}`,
      lock: () => holdAdvisoryLock(config.postgresUrl, `${config.schema} poll ${backend.name}`),
      work: (signal) => poll.round(signal),
      intervalMs: config.pollSeconds * 1_000,
      standbyMs: Math.min(1_000, config.pollSeconds * 1_000),
      log,
    });
    this.running.set(backend.name, { settings: JSON.stringify(backend), leader });
    leader.start();
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
    const leader = this.running.get(name)?.leader;
    this.running.delete(name);
    if (!leader) return;
    const done = leader.stop().finally(() => this.ending.delete(done));
    this.ending.add(done);
  }
}
