import { join } from 'node:path';
import { holdAdvisoryLock, OutboxRelay, type OutboxPublisher } from '#database';
import type { Registry } from '#service';
import { type CvmfsRepositorySettings } from '#contracts';
import { compileImageRules } from '#settings';
import type { DataSource } from 'typeorm';
import { createTreeMaker } from './clients/tree-maker.js';
import type { ImageSources } from './clients/image-sources.js';
import type { PublisherConfig } from './config.js';
import type { Configured } from './configured.js';
import type { CvmfsDriver } from './domain/cvmfs-driver.js';
import { createDriver } from './clients/cvmfs-drivers.js';
import { treePath } from './domain/layout.js';
import { Commit } from './publishing/commit.js';
import { Intake } from './publishing/intake.js';
import { LaneWork } from './publishing/lane-work.js';
import { Lane, type LaneLog } from './publishing/lane.js';
import { Lanes } from './publishing/lanes.js';
import { PublicationMetrics } from './publishing/publication-metrics.js';
import { Preparation } from './publishing/preparation.js';
import { Recover } from './publishing/recover.js';
import { CleanUpStore } from './storage/clean-up.store.js';
import { PublicationStore } from './storage/publication.store.js';
import { RequestStore } from './storage/request.store.js';
import { WithdrawalStore } from './storage/withdrawal.store.js';

/** What the service is made from: what Nest opens and closes, and what tests put in its place. */
export interface PublisherParts {
  readonly config: PublisherConfig;
  readonly configured: Configured;
  readonly sources: ImageSources;
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: LaneLog;
  readonly metrics: Registry;
}

const pollMs = 1000;

/** The service without its edges: the intake of requests, one lane per CVMFS repository, and the outbox. */
export class Publisher {
  readonly intake: Intake;
  private readonly lanes: Lanes;
  private readonly outbox: OutboxRelay;
  private readonly metrics: PublicationMetrics;
  private matching: ReturnType<typeof compileImageRules>;

  constructor(private readonly parts: PublisherParts) {
    const { dataSource, bus, log, configured, sources } = parts;
    this.outbox = new OutboxRelay({ dataSource, bus, log });
    this.metrics = new PublicationMetrics(parts.metrics);
    this.lanes = new Lanes((repository) => this.lane(repository), log);
    this.lanes.follow(configured.cvmfsRepositories);
    this.matching = compileImageRules(configured.imageRules);
    configured.onChange(() => this.changed());
    this.intake = new Intake({
      dataSource,
      requests: new RequestStore(dataSource),
      withdrawals: new WithdrawalStore(dataSource, (name, digest) => this.pathOf(name, digest)),
      matching: (image) => this.matching(image),
      cvmfsRepositories: () => configured.cvmfsRepositories.map(({ name }) => name),
      sources,
      accepted: () => this.accepted(),
    });
  }

  start(): void {
    this.outbox.start();
    this.lanes.start();
  }

  /** Ends the background work; messages may still be accepted. */
  async stop(): Promise<void> {
    await this.lanes.stop();
    await this.outbox.close();
  }

  async close(): Promise<void> {
    await this.parts.dataSource.destroy();
  }

  private pathOf(cvmfsRepository: string, digest: string): string {
    const settings = this.parts.configured.cvmfsRepositories.find(({ name }) => name === cvmfsRepository);
    return join(settings?.path ?? `/cvmfs/${cvmfsRepository}`, treePath(digest));
  }

  private accepted(): void {
    this.outbox.wake();
    this.lanes.wake();
  }

  private changed(): void {
    const { configured } = this.parts;
    this.matching = compileImageRules(configured.imageRules);
    this.lanes.follow(configured.cvmfsRepositories);
  }

  private lane(repository: CvmfsRepositorySettings): Lane {
    const { config, log } = this.parts;
    const driver = createDriver(repository);
    return new Lane({
      cvmfsRepository: repository.name,
      lock: () => holdAdvisoryLock(config.postgresUrl, `${config.schema} lane ${repository.name}`),
      work: this.work(repository, driver),
      log,
      standbyMs: pollMs,
    });
  }

  private work(repository: CvmfsRepositorySettings, driver: CvmfsDriver): LaneWork {
    const { config, dataSource, log, sources } = this.parts;
    const store = new PublicationStore(dataSource);
    const trees = createTreeMaker(repository, join(config.cacheDirectory, 'indexes'));
    return new LaneWork({
      driver,
      store,
      trees,
      log,
      metrics: this.metrics,
      cleanUp: new CleanUpStore(dataSource, (digest) => `${driver.root}/${treePath(digest)}`),
      preparation: new Preparation({ store, driver, trees, sources }),
      commit: new Commit({ store, driver, trees }),
      recover: new Recover({ store, driver, trees, attempts: config.retrySeconds.length }),
      said: () => this.outbox.wake(),
      settings: {
        parallelImages: config.parallelImages,
        imagesPerTransaction: repository.transaction.maxImages,
        graceSeconds: repository.gracePeriod / 1000,
        cleanUpIntervalMs: config.cleanUpSeconds * 1000,
        pollMs,
        retryDelays: config.retrySeconds,
      },
    });
  }
}
