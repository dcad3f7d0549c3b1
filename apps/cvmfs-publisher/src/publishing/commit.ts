import { join } from 'node:path';
import type { CvmfsDriver, Transaction } from '../domain/cvmfs-driver.js';
import { companions, linkPath, treePath } from '../domain/layout.js';
import type { Expired } from '../storage/clean-up.store.js';
import type { ImageNameRow } from '../storage/image-name.entity.js';
import type { Linked, Outcome, PublicationStore } from '../storage/publication.store.js';
import { Publication } from '../storage/publication.entity.js';
import { reusable, sizeOf, StepFailure, type PreparedImage, type TimedStep } from './preparation.js';
import { Progress } from './progress.js';
import { Stopwatch } from './stopwatch.js';
import { readTreeRecord, summaryFile, type TreeRecord } from './tree-record.js';
import type { TreeMaker, TreeProgress, TreeSummary } from './tree.js';

/** Of the lane that commits: the driver is that of its CVMFS repository. */
export interface CommitParts {
  readonly store: PublicationStore;
  readonly driver: CvmfsDriver;
  readonly trees: TreeMaker;
}

/** What one transaction is to bring. */
export interface Changes {
  readonly prepared: readonly PreparedImage[];
  readonly expired: Expired;
}

/** What one transaction came to, for the lane to write down and to say. */
export interface Committed {
  readonly outcomes: readonly Outcome[];
  readonly linked: readonly Linked[];
  /** Images whose trees could not be made; the others went on without them. */
  readonly failures: readonly { readonly prepared: PreparedImage; readonly failure: StepFailure }[];
}

/** Brings prepared images, links and removals onto CVMFS in one transaction. */
export class Commit {
  constructor(private readonly parts: CommitParts) {}

  /** @throws what the driver throws when the transaction as a whole fails; a StepFailure `transaction` when none could be had */
  async run(changes: Changes, signal: AbortSignal): Promise<Committed> {
    const { driver, store } = this.parts;
    const began = performance.now();
    const [only, ...others] = changes.prepared;
    const clone = driver.reuse === 'clone' && only?.predecessor && others.length === 0 ? only : undefined;
    const transaction = await driver.begin({ signal, ...cloneOptions(clone) }).catch((cause: unknown) => {
      throw new StepFailure('transaction', only?.stopwatch ?? new Stopwatch(), cause);
    });
    const opened = performance.now();
    try {
      const made: { prepared: PreparedImage; record: TreeRecord }[] = [];
      const failures: { prepared: PreparedImage; failure: StepFailure }[] = [];
      for (const prepared of changes.prepared) {
        prepared.stopwatch.add('transaction', (opened - began) / 1000);
        try {
          await store.entered(prepared.publication, prepared.staged ? 'publish' : 'unpack', sizeOf(prepared));
          made.push({ prepared, record: await this.place(prepared, transaction, signal) });
        } catch (cause) {
          await this.removeTree(transaction, prepared.publication.digest);
          failures.push({
            prepared,
            failure: cause instanceof StepFailure ? cause : failed(prepared, cause),
          });
        }
      }
      const digests = made.map(({ prepared }) => prepared.publication.digest);
      const linked = await this.link(transaction, digests);
      await this.removeExpired(transaction, changes.expired);
      if (
        made.length + linked.length + changes.expired.publications.length + changes.expired.names.length ===
        0
      ) {
        await transaction.abort();
        return { outcomes: [], linked: [], failures };
      }
      const publishing = performance.now();
      await transaction.publish();
      for (const { prepared } of made)
        prepared.stopwatch.add('publish', (performance.now() - publishing) / 1000);
      const outcomes = made.map(({ prepared, record }) =>
        this.outcome(prepared.publication, record, prepared.stopwatch),
      );
      const renamed = await this.renamed(linked, outcomes, began);
      return { outcomes: [...outcomes, ...renamed], linked, failures };
    } catch (thrown) {
      await transaction.abort();
      throw thrown;
    }
  }

  /** The image's tree and the files beside it, inside the transaction. */
  private async place(
    prepared: PreparedImage,
    transaction: Transaction,
    signal: AbortSignal,
  ): Promise<TreeRecord> {
    const { publication, image } = prepared;
    const tree = treePath(publication.digest);
    const summary = prepared.staged
      ? await this.adopt(prepared.staged, transaction, tree)
      : await this.unpack(prepared, transaction, tree, signal);
    const beside = companions(publication.digest);
    const record: TreeRecord = {
      ...summary,
      digest: publication.digest,
      layers: image.layers.map((layer) => layer.digest),
    };
    await transaction.writeFile(beside.manifest, image.manifest);
    await transaction.writeFile(beside.config, image.config);
    await transaction.writeFile(beside.summary, summaryFile(record));
    return record;
  }

  private async adopt(
    staged: { path: string; summary: TreeSummary },
    transaction: Transaction,
    tree: string,
  ): Promise<TreeSummary> {
    await transaction.adopt(staged.path, tree);
    return staged.summary;
  }

  private async unpack(
    { publication, image, predecessor, stopwatch }: PreparedImage,
    transaction: Transaction,
    tree: string,
    signal: AbortSignal,
  ): Promise<TreeSummary> {
    const reuse = transaction.cloned ? reusable(this.parts.driver, predecessor, 'in-place') : undefined;
    const target = transaction.treePath(tree);
    const progress = new Progress((step, size) => this.parts.store.entered(publication, step, size));
    const onProgress = (done: TreeProgress): void => progress.tell('unpack', done);
    try {
      const summary = await stopwatch.time('unpack', () =>
        this.parts.trees.make(image, target, { reuse, signal, onProgress }),
      );
      await transaction.seal(tree);
      return summary;
    } catch (cause) {
      throw new StepFailure('unpack', stopwatch, cause);
    } finally {
      await progress.end();
    }
  }

  private async link(transaction: Transaction, digests: readonly string[]): Promise<Linked[]> {
    const rows = await this.parts.store.unlinked(this.parts.driver.repository, digests);
    const linked: Linked[] = [];
    for (const row of rows) {
      await transaction.link(linkPath(row), treePath(row.digest));
      linked.push({ row, path: this.visible(linkPath(row)) });
    }
    return linked;
  }

  private async removeExpired(transaction: Transaction, { publications, names }: Expired): Promise<void> {
    for (const name of names.filter(isGone)) await transaction.remove(linkPath(name));
    for (const { digest } of publications) await this.removeTree(transaction, digest);
  }

  private async removeTree(transaction: Transaction, digest: string): Promise<void> {
    await transaction.remove(treePath(digest));
    for (const file of Object.values(companions(digest))) await transaction.remove(file);
  }

  /** Trees that were there before and got a new name: published under it now. */
  private async renamed(
    linked: readonly Linked[],
    outcomes: readonly Outcome[],
    began: number,
  ): Promise<Outcome[]> {
    const { store, driver } = this.parts;
    const known = new Set(outcomes.map(({ publication }) => identity(publication)));
    const renamed: Outcome[] = [];
    for (const { row } of linked) {
      if (known.has(identity(row))) continue;
      known.add(identity(row));
      const publication = await store.find(row.cvmfsRepository, row.digest);
      const record = await readTreeRecord(driver.root, row.digest);
      if (!publication || !record) continue;
      const { registry, repository } = row;
      const stopwatch = new Stopwatch<TimedStep>();
      stopwatch.add('publish', (performance.now() - began) / 1000);
      const named = Object.assign(new Publication(), publication, { registry, repository });
      renamed.push(this.outcome(named, record, stopwatch));
    }
    return renamed;
  }

  private outcome(publication: Publication, record: TreeRecord, stopwatch: Stopwatch<TimedStep>): Outcome {
    return {
      ...record,
      publication,
      path: this.visible(treePath(record.digest)),
      seconds: stopwatch.seconds(),
    };
  }

  private visible(relative: string): string {
    return join(this.parts.driver.root, relative);
  }
}

/** What `image.published` is about: the same tree under another repository's name is said of its own. */
const identity = (p: { registry: string; repository: string; digest: string }): string =>
  `${p.registry}/${p.repository}@${p.digest}`;

const isGone = (name: ImageNameRow): boolean => name.deletedAt !== null;

const failed = (prepared: PreparedImage, cause: unknown): StepFailure =>
  new StepFailure('publish', prepared.stopwatch, cause);

const cloneOptions = (clone: PreparedImage | undefined): { cloneFrom?: string; cloneTo?: string } =>
  clone?.predecessor
    ? { cloneFrom: treePath(clone.predecessor.digest), cloneTo: treePath(clone.publication.digest) }
    : {};
