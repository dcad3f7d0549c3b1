import type { DataSource, EntityManager } from 'typeorm';
import type { Deletion, PublicationRequest } from '../domain/request.js';
import { Publication } from './publication.entity.js';
import { sayQueued } from './publication.store.js';

/** Remembers what was asked for, so that the message that asked can be acknowledged. Bears every message twice. */
export class RequestStore {
  constructor(private readonly dataSource: DataSource) {}

  /** One publication per (CVMFS repository, digest), however many messages ask for it. */
  async accept(request: PublicationRequest): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const queued = await manager.query<unknown[]>(
        `insert into publication
           (cvmfs_repository, digest, registry, repository, platform, image_source, state, requested_by, traceparent,
            origin)
         values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9)
         on conflict (cvmfs_repository, digest) do update set
           state = 'waiting', attempt = 0, next_attempt_at = now(), requested_at = now(), failure_code = null,
           failure_reason = null, unreferenced_at = null, remove_at = null, registry = excluded.registry,
           repository = excluded.repository, image_source = excluded.image_source,
           requested_by = excluded.requested_by, traceparent = excluded.traceparent, origin = excluded.origin
         where publication.state in ('failed', 'unpublished') and publication.requested_by <> excluded.requested_by
         returning digest`,
        [
          request.cvmfsRepository,
          request.digest,
          request.registry,
          request.repository,
          request.platform,
          request.imageSource,
          request.requestedBy,
          request.traceparent ?? null,
          request.origin ? JSON.stringify(request.origin) : null,
        ],
      );
      await manager.query(
        `insert into image_name (cvmfs_repository, registry, repository, name, digest, pushed_digest, pushed_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (cvmfs_repository, registry, repository, name) do update set
           digest = excluded.digest, pushed_digest = excluded.pushed_digest, pushed_at = excluded.pushed_at,
           deleted_at = null, remove_at = null
         where image_name.pushed_at <= excluded.pushed_at`,
        [
          request.cvmfsRepository,
          request.registry,
          request.repository,
          request.name,
          request.digest,
          request.pushedDigest,
          request.pushedAt,
        ],
      );
      if (queued.length > 0) await this.sayQueued(manager, request);
    });
  }

  private async sayQueued(
    manager: EntityManager,
    { cvmfsRepository, digest }: PublicationRequest,
  ): Promise<void> {
    const publication = await manager.findOneByOrFail(Publication, { cvmfsRepository, digest });
    await sayQueued(manager, publication, 'requested');
  }

  /**
   * The names that are gone no longer hold their trees; both go at the end of the grace period. A push that came after
   * the deletion wins.
   *
   * @returns how many names it concerned
   */
  async retire(deletion: Deletion): Promise<number> {
    const rows = await this.dataSource.query<[unknown[], number]>(
      `update image_name set deleted_at = $5, remove_at = null
       where registry = $1 and repository = $2 and deleted_at is null and pushed_at <= $5
         and ($3::text is null or name = ':' || $3)
         and ($4::text is null or pushed_digest = $4 or digest = $4)`,
      [deletion.registry, deletion.repository, deletion.tag ?? null, deletion.digest ?? null, deletion.at],
    );
    return rows[1];
  }
}
