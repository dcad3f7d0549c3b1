import type { ImageSource, SourceImage } from '#oci';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { CvmfsDriver } from '../domain/cvmfs-driver.js';
import { treePath } from '../domain/layout.js';
import type { Publication } from '../storage/publication.entity.js';
import type { PublicationStore } from '../storage/publication.store.js';
import { Stopwatch } from './stopwatch.js';
import type { ReusableTree, TreeMaker, TreeSummary } from './tree.js';

export type TimedStep = 'waiting' | 'fetch' | 'unpack' | 'transaction' | 'publish';

/** An image whose layers are all here, and where the driver allows it, whose tree is made already. */
export interface PreparedImage {
  readonly publication: Publication;
  readonly image: SourceImage;
  readonly stopwatch: Stopwatch<TimedStep>;
  readonly predecessor: Publication | undefined;
  readonly staged: { readonly path: string; readonly summary: TreeSummary } | undefined;
}

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
    const image = await this.parts.sources[publication.imageSource]
      .open(publication, publication.platform, { signal })
      .catch((cause: unknown) => {
        throw new StepFailure('fetch', stopwatch, cause);
      });
    try {
      const predecessor = await this.parts.store.predecessor(publication);
      const layersHere = stopwatch
        .time('fetch', () => Promise.all(image.layers.map((layer) => layer.ready())))
        .catch((cause: unknown) => {
          throw new StepFailure('fetch', stopwatch, cause);
        });
      const staged = this.stage(image, publication, predecessor, stopwatch, signal);
      // Of two failures the fetch is the cause and the other its echo.
      const [fetched, made] = await Promise.allSettled([layersHere, staged]);
      if (fetched.status === 'rejected') {
        if (made.status === 'fulfilled' && made.value) await this.parts.trees.discard(made.value.path);
        throw fetched.reason;
      }
      if (made.status === 'rejected') throw made.reason;
      return { publication, image, stopwatch, predecessor, staged: made.value };
    } catch (thrown) {
      await image.close();
      throw thrown;
    }
  }

  private async stage(
    image: SourceImage,
    publication: Publication,
    predecessor: Publication | undefined,
    stopwatch: Stopwatch<TimedStep>,
    signal: AbortSignal,
  ): Promise<PreparedImage['staged']> {
    const { driver, trees, store } = this.parts;
    if (driver.stagingDirectory === undefined) return undefined;
    await store.entered(publication, 'unpack', { bytes: image.bytes, layers: image.layers.length });
    const path = join(driver.stagingDirectory, `tree-${randomUUID()}`);
    try {
      const reuse = driver.reuse === 'link' ? reusable(driver, predecessor, 'link') : undefined;
      const summary = await stopwatch.time('unpack', () => trees.make(image, path, { reuse, signal }));
      return { path, summary };
    } catch (cause) {
      await trees.discard(path);
      throw new StepFailure('unpack', stopwatch, cause);
    }
  }
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
