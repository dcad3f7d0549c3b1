import { permanent } from '#errors';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CvmfsDriver } from '../domain/cvmfs-driver.js';
import { linkPath, treePath } from '../domain/layout.js';
import type { Publication } from '../storage/publication.entity.js';
import type { Linked, Outcome, PublicationStore } from '../storage/publication.store.js';
import { Stopwatch } from './stopwatch.js';
import { readTreeRecord, type TreeRecord } from './tree-record.js';
import type { TreeMaker } from './tree.js';

/** Takes up what a publisher that died had begun. What is readable on CVMFS is the truth. */
export class Recover {
  constructor(
    private readonly parts: {
      store: PublicationStore;
      driver: CvmfsDriver;
      trees: TreeMaker;
      attempts: number;
    },
  ) {}

  async run(): Promise<void> {
    await this.parts.driver.recover();
    await this.discardStaged();
    const { store, driver } = this.parts;
    for (const publication of await store.interrupted(driver.repository)) {
      const record = await readTreeRecord(driver.root, publication.digest);
      if (record) await store.committed([this.outcome(publication, record)], await this.links(publication));
      else if (publication.attempt > this.parts.attempts) await this.giveUp(publication);
      else await store.waitAgain(publication);
    }
  }

  private outcome(publication: Publication, record: TreeRecord): Outcome {
    const path = join(this.parts.driver.root, treePath(publication.digest));
    return { ...record, publication, path, seconds: new Stopwatch().seconds() };
  }

  /** The names that the transaction had brought before its publisher died. */
  private async links({ cvmfsRepository, digest }: Publication): Promise<Linked[]> {
    const { store, driver } = this.parts;
    const linked: Linked[] = [];
    for (const row of await store.named(cvmfsRepository, digest)) {
      const path = join(driver.root, linkPath(row));
      const target = await readlink(path).catch(() => undefined);
      if (target?.endsWith(treePath(digest))) linked.push({ row, path });
    }
    return linked;
  }

  /** An image over which publisher after publisher died is not tried for ever. */
  private giveUp(publication: Publication): Promise<void> {
    const error = permanent(
      'publication.interrupted',
      `its publisher died ${publication.attempt} times over it`,
    );
    const seconds = new Stopwatch().seconds();
    return this.parts.store.failed(publication, { error, step: 'unpack', seconds, retryAt: undefined });
  }

  private async discardStaged(): Promise<void> {
    const { driver, trees } = this.parts;
    if (driver.stagingDirectory === undefined) return;
    for (const name of await readdir(driver.stagingDirectory)) {
      if (name.startsWith('tree-')) await trees.discard(join(driver.stagingDirectory, name));
    }
  }
}
