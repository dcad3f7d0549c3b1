import { AppError } from '#errors';
import type { FetchProgress, ImageSource, SourceImage } from '#oci';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { CvmfsDriver } from '../domain/cvmfs-driver.js';
import { treePath } from '../domain/layout.js';
import type { Publication } from '../storage/publication.entity.js';
import type { PublicationStore, StepSize } from '../storage/publication.store.js';
import { Progress } from './progress.js';
import { Stopwatch } from './stopwatch.js';
import type { ReusableTree, TreeMaker, TreeProgress, TreeSummary } from './tree.js';

/** Parts of an image's way whose seconds `image.published` tells. */
export type TimedStep = 'waiting' | 'fetch' | 'unpack' | 'transaction' | 'publish';

/** An image whose layers are all here, and where the driver allows it, whose tree is made already. */
export interface PreparedImage {
  readonly publication: Publication;
  readonly image: SourceImage;
  readonly stopwatch: Stopwatch<TimedStep>;
  readonly predecessor: Publication | undefined;
  readonly staged: { readonly path: string; readonly summary: TreeSummary } | undefined;
}

/** How large a prepared tree is, for the steps that take it as a whole. */
export const sizeOf = ({ staged }: PreparedImage): StepSize =>
  staged ? { bytesTotal: staged.summary.bytes, filesTotal: staged.summary.files } : {};

/** A step that failed, so that the event can say which. */
export class StepFailure extends Error {
  constructor(
    readonly step: 'fetch' | 'unpack' | 'transaction' | 'publish',
    readonly stopwatch: Stopwatch<TimedStep>,
    override readonly cause: unknown,
  ) {
    super(step);
  }
}

/** Both kinds of sources, for it is the image rule that says from which one an image comes. */
export interface PreparationParts {
  readonly store: PublicationStore;
  readonly driver: CvmfsDriver;
  readonly trees: TreeMaker;
  readonly sources: Readonly<Record<'registry' | 'docker', ImageSource>>;
}

/** Everything that can be done for an image before its CVMFS transaction is open: no other image waits for it. */
export class Preparation {
  constructor(private readonly parts: PreparationParts) {}

  /** @throws StepFailure; nothing is left behind then */
  async prepare(publication: Publication, signal: AbortSignal): Promise<PreparedImage> {
    const stopwatch = new Stopwatch<TimedStep>();
    stopwatch.add('waiting', Math.max(0, (Date.now() - publication.requestedAt.getTime()) / 1000));
    const progress = new Progress((step, size) => this.parts.store.entered(publication, step, size));
    const onProgress = ({ fetchedBytes, totalBytes }: FetchProgress): void =>
      progress.tell('fetch', { bytesDone: fetchedBytes, bytes: totalBytes });
    // What failed once is made from its layers alone: the older tree may be what is wrong.
    const predecessor =
      publication.attempt === 1 ? await this.parts.store.predecessor(publication) : undefined;
    const image = await this.parts.sources[publication.imageSource]
      .open(publication, publication.platform, { signal, onProgress })
      .catch((cause: unknown) => {
        throw failureOf('fetch', stopwatch, cause);
      });
    const work = { image, publication, predecessor, stopwatch, progress, signal };
    const fetched = this.fetch(work);
    const staged = this.stage(work);
    try {
      const [, tree] = await Promise.all([fetched, staged]);
      return { publication, image, stopwatch, predecessor, staged: tree };
    } catch (thrown) {
      // A bad layer is no reason to fetch the rest.
      await image.close();
      const [, tree] = await Promise.allSettled([fetched, staged]);
      if (tree.status === 'fulfilled' && tree.value) await this.parts.trees.discard(tree.value.path);
      throw thrown;
    } finally {
      await progress.end();
    }
  }

  private async fetch({ image, stopwatch }: Work): Promise<void> {
    try {
      await stopwatch.time('fetch', () => Promise.all(image.layers.map((layer) => layer.ready())));
    } catch (cause) {
      throw failureOf('fetch', stopwatch, cause);
    }
  }

  private async stage({
    image,
    publication,
    predecessor,
    stopwatch,
    progress,
    signal,
  }: Work): Promise<PreparedImage['staged']> {
    const { driver, trees, store } = this.parts;
    if (driver.stagingDirectory === undefined) return undefined;
    await store.entered(publication, 'unpack', { bytes: image.bytes, layers: image.layers.length });
    const path = join(driver.stagingDirectory, `tree-${randomUUID()}`);
    try {
      const reuse = driver.reuse === 'link' ? reusable(driver, predecessor, 'link') : undefined;
      const onProgress = (done: TreeProgress): void => progress.tell('unpack', done);
      const summary = await stopwatch.time('unpack', () =>
        trees.make(image, path, { reuse, signal, onProgress }),
      );
      return { path, summary };
    } catch (cause) {
      await trees.discard(path);
      throw failureOf('unpack', stopwatch, cause);
    }
  }
}

interface Work {
  readonly image: SourceImage;
  readonly publication: Publication;
  readonly predecessor: Publication | undefined;
  readonly stopwatch: Stopwatch<TimedStep>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A layer that cannot be had fails the unpacking that waits for it, too; the fetch is to blame. */
function failureOf(step: 'fetch' | 'unpack', stopwatch: Stopwatch<TimedStep>, cause: unknown): StepFailure {
  const isFetch = cause instanceof AppError && /^(?:registry|docker|cache|image)\./.test(cause.code);
  return new StepFailure(isFetch ? 'fetch' : step, stopwatch, cause);
}

/** A published tree as something to take files from. */
export function reusable(
  driver: CvmfsDriver,
  predecessor: Publication | undefined,
  method: ReusableTree['method'],
): ReusableTree | undefined {
  if (!predecessor?.layers) return undefined;
  return { layers: predecessor.layers, root: join(driver.root, treePath(predecessor.digest)), method };
}
