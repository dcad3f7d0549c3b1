import type { CiJob } from '#gitlab';
import type { KeyRing } from '#secrets';
import type { Logger } from '#service';
import type { DataSource } from 'typeorm';
import type { Configured } from '../configured.js';
import { ciVariables } from '../domain/composing/index.js';
import { type ImageChoice, imageNameOf, imageOnCvmfs } from '../domain/images/image-on-cvmfs.js';
import { learnPublications } from './known-publications.js';
import { PublishedImageStore } from './published-image.store.js';

/** `registryUrl` is Slipway's registry, which knows what was published before; undefined: only events tell. */
export interface ImagesParts {
  readonly dataSource: DataSource;
  readonly configured: Configured;
  readonly registryUrl: string | undefined;
  readonly ring: KeyRing;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const firstRetryMs = 1_000;
const longestRetryMs = 300_000;

/** Knows where on CVMFS the images of CI jobs are. */
export class Images {
  readonly store: PublishedImageStore;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly parts: ImagesParts) {
    this.store = new PublishedImageStore(parts.dataSource);
  }

  /** What a job's image is on CVMFS; undefined where it has none, or names a directory itself. */
  async of(job: CiJob, project: string, gitlabUrl: string): Promise<ImageChoice | undefined> {
    if (job.image.name === '') return undefined;
    const variables = ciVariables(job, { runner: { name: '' }, project, gitlab: { url: gitlabUrl } });
    const reference = variables.expanded(job.image.name).trim();
    const name = imageNameOf(reference);
    if (!name) return undefined;
    const trees = await this.store.find(name);
    return imageOnCvmfs(reference, trees, this.parts.configured.imageRules, project);
  }

  /** Learns what was published before, as soon as the registry says so. */
  start(): void {
    if (this.parts.registryUrl !== undefined) void this.learn(this.parts.registryUrl, firstRetryMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async learn(registryUrl: string, retryMs: number): Promise<void> {
    const { ring, log } = this.parts;
    try {
      const images = await learnPublications(this.store, registryUrl, ring);
      log.info({ images }, 'images on CVMFS are known');
    } catch (error) {
      if (this.isStopped) return;
      log.warn({ err: (error as Error).message }, 'images on CVMFS are not all known yet');
      const next = Math.min(longestRetryMs, retryMs * 2);
      this.timer = setTimeout(() => void this.learn(registryUrl, next), retryMs).unref();
    }
  }
}
