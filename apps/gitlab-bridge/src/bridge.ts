import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { channelOf, holdAdvisoryLock, OutboxRelay, type OutboxPublisher, Signals } from '#database';
import { openKeyRing } from '#secrets';
import { Every, type Logger, readCertificates, type Registry, slipwayVersion } from '#service';
import type { DataSource } from 'typeorm';
import { sweepArtifacts } from './artifacts/index.js';
import { Askers } from './asking/askers.js';
import { BridgeMetrics } from './bridge-metrics.js';
import { GitLabs } from './clients/gitlabs.js';
import { MonitorClient } from './clients/monitor.client.js';
import type { BridgeConfig } from './config.js';
import type { Configured } from './configured.js';
import { composeCiJob } from './domain/composing/index.js';
import { JobPersons } from './identity/job-persons.js';
import type { LifeParts } from './life/life-parts.js';
import { Lives } from './life/lives.js';
import { GridNews } from './news/grid-news.js';
import { Images } from './images/images.js';
import type { CiJobParts } from './ci-job-parts.js';
import { Statuses } from './statuses/statuses.js';
import { CiJobStore } from './storage/ci-job.store.js';
import { LeaseStore } from './storage/lease.store.js';
import { StageStore } from './storage/stage.store.js';
import { TraceStore } from './storage/trace.store.js';

/** What the service is made from: what Nest opens and closes, and what tests put in its place. */
export interface BridgeParts {
  readonly config: BridgeConfig;
  readonly configured: Configured;
  readonly dataSource: DataSource;
  readonly bus: OutboxPublisher;
  readonly log: Logger;
  readonly metrics: Registry;
}

const cleanUpMs = 3_600_000;

/** The service without its edges: who asks for jobs, who lives their lives, what is heard of the grid, and the outbox. */
export class Bridge {
  readonly news: GridNews;
  readonly images: Images;
  readonly statuses: Statuses;
  private readonly outbox: OutboxRelay;
  private readonly gitlabs = new GitLabs();
  private readonly monitor: MonitorClient;
  private readonly signals: Signals;
  private readonly lives: Lives;
  private readonly askers: Askers;
  private readonly cleanUp: Every;

  constructor(private readonly parts: BridgeParts) {
    const { config, configured, dataSource, bus, log } = parts;
    const { gitlabs } = this;
    const channel = channelOf('bridge', config.schema);
    const ring = openKeyRing(config.keyRing);
    const jobs = new CiJobStore(dataSource);
    const stages = new StageStore(dataSource, channel);
    const metrics = new BridgeMetrics(parts.metrics);
    const shared = { config, configured, jobs, gitlabs, ring, metrics, log, version: slipwayVersion() };
    this.monitor = new MonitorClient(config.monitorUrl, ring);
    this.outbox = new OutboxRelay({ dataSource, bus, log });
    this.news = new GridNews(stages);
    this.images = new Images({ dataSource, configured, registryUrl: config.registryUrl, ring, log });
    this.lives = new Lives(this.lifeParts(shared, stages), new LeaseStore(dataSource));
    this.askers = new Askers({
      ...shared,
      lock: (runner) => holdAdvisoryLock(config.postgresUrl, `${config.schema}.runner.${runner}`),
      received: () => this.received(),
    });
    const said = (): void => this.outbox.wake();
    this.statuses = new Statuses({ config, configured, dataSource, gitlabs, said, log });
    this.signals = new Signals({
      url: config.postgresUrl,
      channel,
      heard: (ciJob) => this.lives.wake(ciJob),
      log,
    });
    this.cleanUp = new Every('forgetting old CI jobs', cleanUpMs, () => this.forgetOld(jobs), log);
  }

  start(): void {
    this.outbox.start();
    this.signals.start();
    this.lives.start();
    this.askers.start();
    this.statuses.start();
    this.cleanUp.start();
    this.images.start();
  }

  /** Ends the background work: no further jobs, and those that there are go to other copies. */
  async stop(): Promise<void> {
    this.images.stop();
    const working = [this.cleanUp, this.askers, this.lives, this.statuses];
    await Promise.all(working.map((one) => one.stop()));
    await this.signals.close();
    await this.outbox.close();
    await Promise.all([this.gitlabs.close(), this.monitor.close()]);
  }

  async close(): Promise<void> {
    await this.parts.dataSource.destroy();
  }

  private lifeParts(shared: CiJobParts, stages: StageStore): LifeParts {
    const { config, gitlabs } = shared;
    return {
      ...shared,
      stages,
      traces: new TraceStore(this.parts.dataSource),
      gitlabCa: readCertificates('SLIPWAY_GITLAB_CA_FILE', config.gitlabCaFile),
      monitor: this.monitor,
      holder: randomUUID(),
      compose: composeCiJob,
      imageOf: (job, project, gitlabUrl) => this.images.of(job, project, gitlabUrl),
      persons: new JobPersons({
        audience: config.idTokenAudience,
        requiresIdToken: config.requiresIdToken,
        server: (url) => gitlabs.of(url),
      }),
      said: () => this.outbox.wake(),
      freed: () => this.askers.wake(),
    };
  }

  /** That several copies do it does no harm. */
  private async forgetOld(jobs: CiJobStore): Promise<void> {
    const { config, log } = this.parts;
    await sweepArtifacts(join(config.stateDirectory, 'artifacts'));
    const forgotten = await jobs.forget(config.keepDays);
    if (forgotten > 0) log.info({ jobs: forgotten }, 'old CI jobs were forgotten');
  }

  private received(): void {
    this.outbox.wake();
    this.lives.look();
  }
}
