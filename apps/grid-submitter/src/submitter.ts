import { randomUUID } from 'node:crypto';
import { OutboxRelay, type OutboxPublisher } from '#database';
import type { BackendKind } from '#grid';
import { openKeyRing } from '#secrets';
import { Every, type Logger, readCertificates, type Registry } from '#service';
import type { DataSource } from 'typeorm';
import { Identities } from './clients/identities.js';
import { JobFiles } from './clients/job-files.js';
import { OpenBackends } from './clients/open-backends.js';
import type { SubmitterConfig } from './config.js';
import type { Configured } from './configured.js';
import { Lanes } from './engine/lanes.js';
import type { EngineParts } from './engine/parts.js';
import { SubmissionMetrics } from './engine/submission-metrics.js';
import { Intake } from './intake/intake.js';
import { BackOffStore } from './storage/back-off.store.js';
import { CancelStore } from './storage/cancel.store.js';
import { CancellationStore } from './storage/cancellation.store.js';
import { CleanUpStore } from './storage/clean-up.store.js';
import { GroupStore } from './storage/group.store.js';
import { OutcomeStore } from './storage/outcome.store.js';
import { PickStore } from './storage/pick.store.js';
import { reportQueue } from './storage/queue-metrics.js';
import { RecoveryStore } from './storage/recovery.store.js';
import { RetryStore } from './storage/retry.store.js';
import { SubmissionStore } from './storage/submission.store.js';

/** How long a place may stay free, in milliseconds. */
const freedMs = 250;

/** What the service is made from: what Nest opens and closes, and what tests put in its place. */
export interface SubmitterParts {
  readonly config: SubmitterConfig;
  readonly configured: Configured;
  readonly kinds: readonly BackendKind[];
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: Logger;
  readonly metrics: Registry;
}

const pollMs = 1_000;
const cleanUpMs = 3_600_000;
/**
 * What was accepted is said while the batch system works on it, not before: saying it of hundreds of jobs takes its time.
 * Where it comes to nobody's turn so soon, it is said all the same.
 */
const aMomentMs = 250;

/** The service without its edges: what takes groups in, a lane for each backend, and the outbox. */
export class Submitter {
  readonly intake: Intake;
  private readonly lanes: Lanes;
  private readonly backends: OpenBackends;
  private readonly outbox: OutboxRelay;
  private readonly cleanUp: Every;

  constructor(private readonly parts: SubmitterParts) {
    const { dataSource, bus, log, configured, config, kinds } = parts;
    this.outbox = new OutboxRelay({ dataSource, bus, log });
    this.cleanUp = new Every('forgetting old groups', cleanUpMs, () => this.forgetOld(), log);
    const identities = new Identities(configured);
    const { house, stateDirectory: directory } = config;
    this.backends = new OpenBackends({ kinds, house, directory, identities, log });
    this.lanes = new Lanes(this.engineParts(identities));
    this.lanes.follow(configured.backends);
    configured.onChange(() => this.lanes.follow(configured.backends));
    this.intake = new Intake({
      groups: new GroupStore(dataSource),
      cancels: new CancelStore(dataSource),
      retries: new RetryStore(dataSource),
      outcomes: new OutcomeStore(dataSource),
      known: configured,
      log,
      accepted: () => this.accepted(),
      changed: () => this.changed(),
      freed: () => this.lanes.wakeWithin(freedMs),
    });
  }

  start(): void {
    this.outbox.start();
    this.lanes.start();
    this.cleanUp.start();
  }

  /** Ends the background work; messages may still be accepted. */
  async stop(): Promise<void> {
    await Promise.all([this.cleanUp.stop(), this.lanes.stop()]);
    await this.backends.closeAll();
    await this.outbox.close();
  }

  async close(): Promise<void> {
    await this.parts.dataSource.destroy();
  }

  /** That several copies do it does no harm. */
  private async forgetOld(): Promise<void> {
    const { config, dataSource, log } = this.parts;
    const groups = await new CleanUpStore(dataSource).forget(config.keepDays);
    if (groups > 0) log.info({ groups }, 'old groups were forgotten');
  }

  private accepted(): void {
    this.lanes.wake();
    this.outbox.wakeWithin(aMomentMs);
  }

  private changed(): void {
    this.outbox.wake();
    this.lanes.wake();
  }

  private engineParts(identities: Identities): EngineParts {
    const { dataSource, log, metrics, config, configured } = this.parts;
    const backOffs = new BackOffStore(dataSource, config.longestBackOffSeconds);
    reportQueue(metrics, dataSource, backOffs);
    return {
      picks: new PickStore(dataSource),
      submissions: new SubmissionStore(dataSource),
      recoveries: new RecoveryStore(dataSource),
      cancellations: new CancellationStore(dataSource, config.cancelAgainSeconds * 1_000),
      backOffs,
      identities,
      files: new JobFiles({
        monitorUrl: config.monitorUrl,
        monitorCa: readCertificates('SLIPWAY_MONITOR_CA_FILE', config.monitorCaFile),
        ring: openKeyRing(config.keyRing),
      }),
      metrics: new SubmissionMetrics(metrics),
      log,
      holder: randomUUID(),
      leaseMs: config.leaseSeconds * 1_000,
      parallel: config.parallelSubmissions,
      pollMs,
      limitOf: (project) => configured.project(project)?.limits.jobs,
      open: (settings) => this.backends.open(settings),
      handed: () => this.outbox.wake(),
      said: () => this.outbox.wake(),
    };
  }
}
