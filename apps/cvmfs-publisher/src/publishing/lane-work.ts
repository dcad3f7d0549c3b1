import { toAppError } from '#errors';
import { WakeUp } from '#service';
import type { CvmfsDriver } from '../domain/cvmfs-driver.js';
import { retryAt } from '../domain/retry.js';
import type { CleanUpStore, Expired } from '../storage/clean-up.store.js';
import type { Publication } from '../storage/publication.entity.js';
import type { PublicationStore } from '../storage/publication.store.js';
import type { Commit } from './commit.js';
import type { LaneLog } from './lane.js';
import { sizeOf, StepFailure, type Preparation, type PreparedImage, type TimedStep } from './preparation.js';
import type { PublicationMetrics } from './publication-metrics.js';
import type { Recover } from './recover.js';
import { Stopwatch } from './stopwatch.js';
import type { TreeMaker } from './tree.js';

/** How much of its work a lane does at once, and when it looks for more. `graceSeconds`: see the clean-up. */
export interface LaneSettings {
  /** Images that are fetched and unpacked at once. */
  readonly parallelImages: number;
  /** Images in one CVMFS transaction at most. */
  readonly imagesPerTransaction: number;
  readonly graceSeconds: number;
  readonly cleanUpIntervalMs: number;
  /** How often the database is asked for work that another copy accepted, in milliseconds. */
  readonly pollMs: number;
  readonly retryDelays: readonly number[];
}

/** What the work on one CVMFS repository is done with; stores and sources are shared with the other lanes. */
export interface LaneParts {
  readonly driver: CvmfsDriver;
  readonly store: PublicationStore;
  readonly cleanUp: CleanUpStore;
  readonly preparation: Preparation;
  readonly commit: Commit;
  readonly recover: Recover;
  readonly trees: TreeMaker;
  readonly settings: LaneSettings;
  readonly log: LaneLog;
  readonly metrics: PublicationMetrics;
  /** Something was written to the outbox. */
  readonly said: () => void;
}

const nothing: Expired = { publications: [], names: [] };

/** What the leader of a lane does: prepares images side by side, and commits those that are ready one transaction at a time. */
export class LaneWork {
  private readonly somethingToPrepare = new WakeUp();
  private readonly somethingToCommit = new WakeUp();
  private readonly preparing = new Map<string, Promise<void>>();
  private ready: PreparedImage[] = [];
  private committing: readonly PreparedImage[] = [];
  private readonly pause = new WakeUp();
  private nextCleanUp = 0;
  private isFinishing = false;

  constructor(private readonly parts: LaneParts) {}

  wake(): void {
    this.somethingToPrepare.ring();
    this.somethingToCommit.ring();
  }

  /** Begins nothing new: `run` ends when what was begun is on CVMFS, or has failed for now. */
  finish(): void {
    this.isFinishing = true;
    this.wake();
    this.pause.ring();
  }

  /** Works until `signal` aborts; everything that was begun has ended when it returns. */
  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    await this.parts.driver.check();
    await this.parts.recover.run();
    this.parts.said();
    const loops = [this.prepareLoop(stop), this.commitLoop(stop)].map((loop) =>
      loop.catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    );
    const ended = await Promise.allSettled(loops);
    await Promise.allSettled(this.preparing.values());
    await this.dropReady();
    for (const loop of ended) if (loop.status === 'rejected') throw loop.reason;
  }

  private async prepareLoop(signal: AbortSignal): Promise<void> {
    const { store, settings, driver } = this.parts;
    while (!signal.aborted && !this.isFinishing) {
      // Images that wait for their transaction keep their blobs on disk: they count twice before more are fetched.
      const free = settings.parallelImages - this.preparing.size - Math.floor(this.ready.length / 2);
      const underWay = [
        ...this.preparing.keys(),
        ...[...this.ready, ...this.committing].map(({ publication }) => publication.digest),
      ];
      const due = free > 0 ? await store.due(driver.repository, free, underWay) : [];
      for (const publication of due) this.prepare(publication, signal);
      await this.somethingToPrepare.wait(settings.pollMs, signal);
    }
  }

  private prepare(waiting: Publication, signal: AbortSignal): void {
    const { store, preparation, said } = this.parts;
    const work = async (): Promise<void> => {
      const publication = await store.begin(waiting);
      if (!publication) return;
      said();
      try {
        const prepared = await preparation.prepare(publication, signal);
        await store.entered(publication, 'transaction', sizeOf(prepared));
        this.ready.push(prepared);
        said();
        this.somethingToCommit.ring();
      } catch (thrown) {
        await this.failed(publication, thrown, signal);
      }
    };
    const done = work()
      .catch((thrown: unknown) =>
        this.parts.log.error({ err: toAppError(thrown).message }, 'a publication was left as it is'),
      )
      .finally(() => {
        this.preparing.delete(waiting.digest);
        this.somethingToPrepare.ring();
      });
    this.preparing.set(waiting.digest, done);
  }

  private async commitLoop(signal: AbortSignal): Promise<void> {
    const { settings } = this.parts;
    while (!signal.aborted) {
      if (this.isFinishing && this.preparing.size === 0 && this.ready.length === 0) return;
      const expired = this.isFinishing ? nothing : await this.expired();
      const worthIt = this.ready.length + expired.publications.length + expired.names.length > 0;
      if (worthIt || (!this.isFinishing && (await this.isUnlinked()))) {
        await this.commit(this.takeReady(), expired, signal);
      } else {
        await this.somethingToCommit.wait(settings.pollMs, signal);
      }
    }
  }

  private async isUnlinked(): Promise<boolean> {
    return (await this.parts.store.unlinked(this.parts.driver.repository, [])).length > 0;
  }

  /** What goes into the next transaction: what failed before goes alone, so that it can spoil nobody's. */
  private takeReady(): PreparedImage[] {
    const fresh = this.ready.filter(({ publication }) => publication.attempt === 1);
    const taken =
      fresh.length > 0 ? fresh.slice(0, this.parts.settings.imagesPerTransaction) : this.ready.slice(0, 1);
    this.ready = this.ready.filter((prepared) => !taken.includes(prepared));
    return taken;
  }

  private async commit(
    prepared: readonly PreparedImage[],
    expired: Expired,
    signal: AbortSignal,
  ): Promise<void> {
    this.committing = prepared;
    try {
      await this.commitOrPutBack(prepared, expired, signal);
    } finally {
      this.committing = [];
      this.somethingToPrepare.ring();
    }
  }

  private async commitOrPutBack(
    prepared: readonly PreparedImage[],
    expired: Expired,
    signal: AbortSignal,
  ): Promise<void> {
    const { commit, store, cleanUp, said } = this.parts;
    let committed;
    try {
      committed = await commit.run({ prepared, expired }, signal);
    } catch (thrown) {
      return this.notCommitted(prepared, thrown, signal);
    }
    // Dying or failing from here on is mended by `Recover`: the truth is on CVMFS.
    await store.committed(committed.outcomes, committed.linked);
    for (const outcome of committed.outcomes)
      this.parts.metrics.succeeded(this.parts.driver.repository, outcome);
    if (expired !== nothing) await cleanUp.removed(expired);
    said();
    for (const { prepared: image, failure } of committed.failures) await this.giveUp(image, failure, signal);
    await Promise.allSettled(prepared.map(({ image }) => image.close()));
  }

  private async notCommitted(
    prepared: readonly PreparedImage[],
    thrown: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const { driver, log, settings } = this.parts;
    const error = toAppError(thrown instanceof StepFailure ? thrown.cause : thrown);
    if (prepared.length === 0) throw error;
    if (thrown instanceof StepFailure && thrown.step === 'transaction' && error.temporary) {
      // The repository's trouble is not the images': they keep what they have, and no attempt is counted.
      log.warn(
        { cvmfsRepository: driver.repository, code: error.code, err: error.message },
        'the repository has to wait',
      );
      this.ready.unshift(...prepared);
      await this.pause.wait(settings.pollMs * 5, signal);
      return;
    }
    await driver.recover();
    for (const image of prepared)
      await this.giveUp(image, new StepFailure('publish', image.stopwatch, error), signal);
  }

  /** An image that came as far as its transaction is given up for this attempt. */
  private async giveUp(prepared: PreparedImage, failure: StepFailure, signal: AbortSignal): Promise<void> {
    await prepared.image.close();
    if (prepared.staged) await this.parts.trees.discard(prepared.staged.path);
    await this.failed(prepared.publication, failure, signal);
  }

  private async expired(): Promise<Expired> {
    const { cleanUp, driver, settings, said } = this.parts;
    if (Date.now() < this.nextCleanUp && !(await cleanUp.isHurried(driver.repository))) return nothing;
    this.nextCleanUp = Date.now() + settings.cleanUpIntervalMs;
    await cleanUp.announce(driver.repository, settings.graceSeconds);
    said();
    return cleanUp.expired(driver.repository, settings.graceSeconds);
  }

  private async failed(publication: Publication, thrown: unknown, signal: AbortSignal): Promise<void> {
    const { store, settings, log, said } = this.parts;
    // Stopped, not failed: the next leader finds it begun and takes it up.
    if (signal.aborted) return;
    const step = thrown instanceof StepFailure ? thrown.step : 'fetch';
    const stopwatch = thrown instanceof StepFailure ? thrown.stopwatch : new Stopwatch<TimedStep>();
    const error = toAppError(thrown instanceof StepFailure ? thrown.cause : thrown);
    const again = error.temporary
      ? retryAt(publication.attempt, new Date(), settings.retryDelays, error.retryAfterSeconds)
      : undefined;
    const { cvmfsRepository, registry, repository, digest } = publication;
    log.warn(
      { cvmfsRepository, registry, repository, digest, step, code: error.code, err: error.message, again },
      'not published',
    );
    await store.failed(publication, { error, step, seconds: stopwatch.seconds(), retryAt: again });
    this.parts.metrics.attemptFailed(cvmfsRepository, error.code, again !== undefined);
    said();
  }

  private async dropReady(): Promise<void> {
    for (const { image, staged } of this.ready) {
      await image.close();
      if (staged) await this.parts.trees.discard(staged.path);
    }
    this.ready = [];
  }
}
