import type { Registry } from '#service';
import { Counter, Histogram } from 'prom-client';
import type { Outcome } from '../storage/publication.store.js';

/** What the publisher counts, per CVMFS repository. */
export class PublicationMetrics {
  private readonly published: Counter<'cvmfs_repository'>;
  private readonly failed: Counter<'cvmfs_repository' | 'code' | 'retried'>;
  private readonly bytes: Counter<'cvmfs_repository'>;
  private readonly seconds: Histogram<'cvmfs_repository' | 'step'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.published = new Counter({
      name: 'slipway_publications_total',
      help: 'Images that became readable on CVMFS, a further name for a tree that was there counted too.',
      labelNames: ['cvmfs_repository'],
      registers,
    });
    this.failed = new Counter({
      name: 'slipway_publication_failures_total',
      help: 'Attempts that failed, by error code and by whether another attempt follows.',
      labelNames: ['cvmfs_repository', 'code', 'retried'],
      registers,
    });
    this.bytes = new Counter({
      name: 'slipway_published_bytes_total',
      help: 'Bytes of the regular files of published trees.',
      labelNames: ['cvmfs_repository'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'slipway_publication_step_seconds',
      help: 'Wall-clock seconds per step of a publication.',
      labelNames: ['cvmfs_repository', 'step'],
      buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1800],
      registers,
    });
  }

  succeeded(cvmfsRepository: string, { bytes, seconds }: Outcome): void {
    const labels = { cvmfs_repository: cvmfsRepository };
    this.published.inc(labels);
    this.bytes.inc(labels, bytes);
    for (const [step, spent] of Object.entries(seconds)) this.seconds.observe({ ...labels, step }, spent);
  }

  attemptFailed(cvmfsRepository: string, code: string, retried: boolean): void {
    this.failed.inc({ cvmfs_repository: cvmfsRepository, code, retried: String(retried) });
  }
}
