import type { ImageName } from '#oci';
import type { DataSource, EntityManager } from 'typeorm';
import type { PublishedTree } from '../domain/images/image-on-cvmfs.js';

/** Which image something is said of, and when. */
export interface ImageSaid {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  readonly cvmfsRepository: string;
  readonly at: string;
}

/** Which images are on CVMFS. What is said twice, late or in another order changes nothing: the latest word counts. */
export class PublishedImageStore {
  constructor(private readonly dataSource: DataSource) {}

  /** It can be read at `path`, and these tags name it. */
  async published(said: ImageSaid, path: string, tags: readonly string[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.tree(manager, said, path, true);
      await this.tags(manager, said, tags, said.digest);
    });
  }

  /** These tags do not name it any more; another image may have them already. */
  async untagged(said: ImageSaid, tags: readonly string[]): Promise<void> {
    await this.dataSource.query(
      `insert into published_tag (registry, repository, tag, cvmfs_repository, digest, at)
       select $1, $2, tag, $3, null, $4 from unnest($5::text[]) tag order by tag
       on conflict (registry, repository, tag, cvmfs_repository) do update set digest = null, at = excluded.at
       where published_tag.at <= excluded.at and published_tag.digest = $6`,
      [said.registry, said.repository, said.cvmfsRepository, said.at, tags, said.digest],
    );
  }

  /** It goes, or is gone: no job may begin from it any more. */
  async going(said: ImageSaid, path: string): Promise<void> {
    await this.tree(this.dataSource.manager, said, path, false);
  }

  /** Trees of an image by its tag, or by its digest where it has one. */
  async find({ registry, repository, tag, digest }: ImageName): Promise<readonly PublishedTree[]> {
    return this.dataSource.query<PublishedTree[]>(
      `select tree.cvmfs_repository as "cvmfsRepository", tree.digest, tree.path,
         array(select named.tag from published_tag named
           where (named.registry, named.repository, named.cvmfs_repository, named.digest)
             = (tree.registry, tree.repository, tree.cvmfs_repository, tree.digest) order by named.tag) as tags
       from published_tree tree
       where tree.registry = $1 and tree.repository = $2 and tree.is_there and case when $4::text is not null
         then tree.digest = $4
         else exists (select from published_tag named
           where (named.registry, named.repository, named.cvmfs_repository, named.digest)
             = (tree.registry, tree.repository, tree.cvmfs_repository, tree.digest) and named.tag = $3) end
       order by tree.cvmfs_repository`,
      [registry, repository, tag ?? null, digest ?? null],
    );
  }

  private async tree(manager: EntityManager, said: ImageSaid, path: string, isThere: boolean): Promise<void> {
    await manager.query(
      `insert into published_tree (registry, repository, digest, cvmfs_repository, path, is_there, at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (registry, repository, digest, cvmfs_repository) do update
         set path = excluded.path, is_there = excluded.is_there, at = excluded.at
       where published_tree.at <= excluded.at`,
      [said.registry, said.repository, said.digest, said.cvmfsRepository, path, isThere, said.at],
    );
  }

  /** In the order of their names, so that two who speak of the same tags do not wait for each other. */
  private async tags(
    manager: EntityManager,
    said: ImageSaid,
    tags: readonly string[],
    digest: string,
  ): Promise<void> {
    await manager.query(
      `insert into published_tag (registry, repository, tag, cvmfs_repository, digest, at)
       select $1, $2, tag, $3, $6, $4 from (select distinct unnest($5::text[]) as tag) named order by tag
       on conflict (registry, repository, tag, cvmfs_repository) do update
         set digest = excluded.digest, at = excluded.at
       where published_tag.at <= excluded.at`,
      [said.registry, said.repository, said.cvmfsRepository, said.at, tags, digest],
    );
  }
}
