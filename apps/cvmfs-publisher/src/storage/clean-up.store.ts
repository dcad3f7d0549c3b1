import { imageUnpublished, imageUnpublishing, imageUntagged } from '#contracts';
import { addToOutbox } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import { IsNull, LessThan, Not } from 'typeorm';
import { ImageNameRow } from './image-name.entity.js';
import { described } from './publication.store.js';
import { Publication } from './publication.entity.js';

/** What has outlived its grace period. */
export interface Expired {
  readonly publications: readonly Publication[];
  readonly names: readonly ImageNameRow[];
}

/** Whether a name holds the tree of the publication at hand. */
export const isNamed = `exists (select 1 from image_name n where n.cvmfs_repository = publication.cvmfs_repository
  and n.deleted_at is null and (n.digest = publication.digest or n.linked_digest = publication.digest))`;

/** Finds trees that no tag names, announces their end and forgets them once they are gone. */
export class CleanUpStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pathOf: (digest: string) => string,
  ) {}

  /** Starts the grace period of each tree that lost its last name, and stops that of each that got one again. */
  async announce(cvmfsRepository: string, graceSeconds: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(
        `update publication set unreferenced_at = null, remove_at = null
         where cvmfs_repository = $1 and (unreferenced_at is not null or remove_at is not null) and ${isNamed}`,
        [cvmfsRepository],
      );
      const [rows] = await manager.query<[{ digest: string }[], number]>(
        `update publication set unreferenced_at = now()
         where cvmfs_repository = $1 and state = 'published' and unreferenced_at is null and not ${isNamed}
         returning digest`,
        [cvmfsRepository],
      );
      for (const { digest } of rows) {
        const publication = await manager.findOneByOrFail(Publication, { cvmfsRepository, digest });
        const removedAfter = (
          publication.removeAt ?? new Date(Date.now() + graceSeconds * 1000)
        ).toISOString();
        const payload = {
          ...(await described(manager, publication)),
          path: this.pathOf(digest),
          removedAfter,
        };
        await addToOutbox(manager, { message: imageUnpublishing, payload });
      }
    });
  }

  /** Whether somebody wants something gone now rather than at the end of its grace period. */
  async isHurried(cvmfsRepository: string): Promise<boolean> {
    const [row] = await this.dataSource.query<{ hurried: boolean }[]>(
      `select exists (select 1 from image_name where cvmfs_repository = $1 and remove_at is not null)
         or exists (select 1 from publication where cvmfs_repository = $1 and remove_at is not null
           and state = 'published') as hurried`,
      [cvmfsRepository],
    );
    return row?.hurried === true;
  }

  async expired(cvmfsRepository: string, graceSeconds: number): Promise<Expired> {
    const before = LessThan(new Date(Date.now() - graceSeconds * 1000));
    const hurried = { removeAt: Not(IsNull()) };
    const published = { cvmfsRepository, state: 'published' as const };
    const [publications, names] = await Promise.all([
      this.dataSource.getRepository(Publication).findBy([
        { ...published, unreferencedAt: before },
        { ...published, unreferencedAt: Not(IsNull()), ...hurried },
      ]),
      this.dataSource.getRepository(ImageNameRow).findBy([
        { cvmfsRepository, deletedAt: before },
        { cvmfsRepository, deletedAt: Not(IsNull()), ...hurried },
      ]),
    ]);
    return { publications, names };
  }

  /** The removal is on CVMFS: forgets the names, keeps and says the end of the trees. */
  async removed({ publications, names }: Expired): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const going = new Set(publications.map(({ digest }) => digest));
      await this.sayUntagged(
        manager,
        names.filter(({ linkedDigest }) => !going.has(linkedDigest ?? '')),
      );
      for (const { cvmfsRepository, registry, repository, name, deletedAt } of names) {
        // A push in the meantime has taken the name back: it keeps its row, and the link is made anew.
        await manager.delete(ImageNameRow, { cvmfsRepository, registry, repository, name, deletedAt });
        await manager.update(
          ImageNameRow,
          { cvmfsRepository, registry, repository, name, deletedAt: IsNull() },
          { linkedDigest: null },
        );
      }
      for (const publication of publications) {
        const unreferencedAt = (publication.unreferencedAt ?? new Date()).toISOString();
        // Whoever pushed it again in the meantime found it published: it has to be made anew.
        await manager.query(
          `update publication set unreferenced_at = null, remove_at = null, layers = null, attempt = 0, next_attempt_at = now(),
             state = case when ${isNamed} then 'waiting' else 'unpublished' end
           where cvmfs_repository = $1 and digest = $2`,
          [publication.cvmfsRepository, publication.digest],
        );
        const payload = {
          ...(await described(manager, publication)),
          path: this.pathOf(publication.digest),
          unreferencedAt,
        };
        await addToOutbox(manager, { message: imageUnpublished, payload });
      }
    });
  }

  /** Of trees that go themselves nothing more need be said. */
  private async sayUntagged(manager: EntityManager, names: readonly ImageNameRow[]): Promise<void> {
    for (const { cvmfsRepository, registry, repository, name, linkedDigest } of names) {
      if (!name.startsWith(':') || linkedDigest === null) continue;
      const publication = await manager.findOneBy(Publication, { cvmfsRepository, digest: linkedDigest });
      if (!publication) continue;
      const named = { cvmfsRepository, registry, repository, digest: linkedDigest };
      const payload = {
        ...(await described(manager, { ...named, platform: publication.platform })),
        removed: [name.slice(1)],
      };
      await addToOutbox(manager, { message: imageUntagged, payload });
    }
  }
}
