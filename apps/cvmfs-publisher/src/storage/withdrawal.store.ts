import { imageUnpublished } from '#contracts';
import { addToOutbox } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import type { Withdrawal } from '../domain/request.js';
import { isNamed } from './clean-up.store.js';
import { Publication } from './publication.entity.js';
import { described } from './publication.store.js';

interface WithdrawnName {
  readonly digest: string;
  readonly linked_digest: string | null;
}

/** Remembers what people want off CVMFS; the lane does it. Bears every message twice. */
export class WithdrawalStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pathOf: (cvmfsRepository: string, digest: string) => string,
  ) {}

  /**
   * The names' links go in the next transaction, and trees that no name holds any more after their grace period or, with
   * `now`, with them. What waits for its turn is taken back at once. A push that came after the wish wins.
   *
   * @returns how many names and publications it concerned
   */
  async withdraw(wish: Withdrawal): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const names = await this.retireNames(manager, wish);
      const digests = [...names.flatMap((name) => [name.digest, name.linked_digest]), wish.digest];
      const concerned = digests.filter((digest) => typeof digest === 'string');
      const takenBack = await this.takeBack(manager, wish, concerned);
      const hastened = wish.now ? await this.hasten(manager, wish, concerned) : 0;
      return names.length + takenBack + hastened;
    });
  }

  private async retireNames(manager: EntityManager, wish: Withdrawal): Promise<WithdrawnName[]> {
    const [names] = await manager.query<[WithdrawnName[], number]>(
      `update image_name set deleted_at = coalesce(deleted_at, $6), remove_at = least($6, now())
       where cvmfs_repository = $1 and registry = $2 and repository = $3 and remove_at is null and pushed_at <= $6
         and ($4::text is null or name = ':' || $4)
         and ($5::text is null or pushed_digest = $5 or digest = $5)
       returning digest, linked_digest`,
      [wish.cvmfsRepository, wish.registry, wish.repository, wish.tag ?? null, wish.digest ?? null, wish.at],
    );
    return names;
  }

  private async takeBack(
    manager: EntityManager,
    { cvmfsRepository, at }: Withdrawal,
    digests: readonly string[],
  ): Promise<number> {
    const [rows] = await manager.query<[{ digest: string }[], number]>(
      `update publication set state = 'unpublished', remove_at = null
       where cvmfs_repository = $1 and digest = any($2) and state in ('waiting', 'failed') and not ${isNamed}
       returning digest`,
      [cvmfsRepository, digests],
    );
    for (const { digest } of rows) {
      const publication = await manager.findOneByOrFail(Publication, { cvmfsRepository, digest });
      const payload = {
        ...(await described(manager, publication)),
        path: this.pathOf(cvmfsRepository, digest),
        unreferencedAt: at.toISOString(),
      };
      await addToOutbox(manager, { message: imageUnpublished, payload });
    }
    return rows.length;
  }

  private async hasten(
    manager: EntityManager,
    { cvmfsRepository, at }: Withdrawal,
    digests: readonly string[],
  ): Promise<number> {
    const [, count] = await manager.query<[unknown[], number]>(
      `update publication set remove_at = least($3, now())
       where cvmfs_repository = $1 and digest = any($2) and state in ('publishing', 'published') and not ${isNamed}`,
      [cvmfsRepository, digests, at],
    );
    return count;
  }
}
