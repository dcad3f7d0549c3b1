import { imagePublished, imagePublishFailed, imagePublishing, imageQueued, type InputOf } from '#contracts';
import { addToOutbox } from '#database';
import type { AppError } from '#errors';
import type { DataSource, EntityManager } from 'typeorm';
import { In, IsNull, Not, Raw } from 'typeorm';
import { ImageNameRow } from './image-name.entity.js';
import { Publication } from './publication.entity.js';

type StepName = InputOf<typeof imagePublishing>['step'];

/** Seconds by step, as `image.published` and `image.publish_failed` tell them. */
export type StepSeconds = InputOf<typeof imagePublished>['seconds'];

/** How large a step is and how much of it is done. */
export type StepSize = Partial<
  Pick<
    InputOf<typeof imagePublishing>,
    'bytes' | 'layers' | 'bytesDone' | 'filesDone' | 'bytesTotal' | 'filesTotal'
  >
>;

/** What one publication came to. */
export interface Outcome {
  readonly publication: Publication;
  readonly path: string;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  readonly reusedFiles: number;
  readonly leftOut: Readonly<Record<string, number>>;
  readonly layers: readonly string[];
  readonly seconds: StepSeconds;
}

/** A link that a transaction made, and where it stands on CVMFS. */
export interface Linked {
  readonly row: ImageNameRow;
  readonly path: string;
}

/** What is published where, by digest; each change of state is said through the outbox in the same transaction. */
export class PublicationStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Publications whose turn has come: fresh ones first, so that a failing one delays nobody. */
  due(cvmfsRepository: string, limit: number, underWay: readonly string[]): Promise<Publication[]> {
    return this.dataSource.getRepository(Publication).find({
      where: {
        cvmfsRepository,
        state: 'waiting',
        nextAttemptAt: Raw((column) => `${column} <= now()`),
        digest: Not(In([...underWay])),
      },
      order: { attempt: 'ASC', requestedAt: 'ASC' },
      take: limit,
    });
  }

  /** Publications that a publisher which died had begun. */
  interrupted(cvmfsRepository: string): Promise<Publication[]> {
    return this.dataSource.getRepository(Publication).findBy({ cvmfsRepository, state: 'publishing' });
  }

  /** The one that died with its publisher waits again; the attempt counts, so that a killer is given up in the end. */
  async waitAgain(publication: Publication): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Publication, key(publication), { state: 'waiting' });
      await sayQueued(manager, publication, 'interrupted');
    });
  }

  /** Begins the next attempt and says so; undefined when it was taken back in the meantime. */
  async begin(publication: Publication): Promise<Publication | undefined> {
    const begun = Object.assign(new Publication(), publication, {
      state: 'publishing' as const,
      attempt: publication.attempt + 1,
    });
    return this.dataSource.transaction(async (manager) => {
      const { state, attempt } = begun;
      const { affected } = await manager.update(
        Publication,
        { ...key(publication), state: 'waiting' },
        { state, attempt },
      );
      if (affected === 0) return undefined;
      await this.say(manager, begun, 'fetch', {});
      return begun;
    });
  }

  /** Says that a publication entered its next step. */
  async entered(publication: Publication, step: StepName, size: StepSize = {}): Promise<void> {
    await this.dataSource.transaction((manager) => this.say(manager, publication, step, size));
  }

  private async say(
    manager: EntityManager,
    publication: Publication,
    step: StepName,
    size: StepSize,
  ): Promise<void> {
    const payload = {
      ...(await described(manager, publication)),
      ...origin(publication),
      step,
      attempt: publication.attempt,
      ...size,
    };
    await addToOutbox(manager, {
      message: imagePublishing,
      payload,
      traceparent: publication.traceparent ?? undefined,
    });
  }

  /** Keeps the reason and says it; with `retryAt` it waits for its next attempt, without it has failed. */
  async failed(
    publication: Publication,
    failure: { error: AppError; step: StepName; seconds: StepSeconds; retryAt: Date | undefined },
  ): Promise<void> {
    const { error, retryAt } = failure;
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Publication, key(publication), {
        state: retryAt ? 'waiting' : 'failed',
        failureCode: error.code,
        failureReason: error.message,
        ...(retryAt && { nextAttemptAt: retryAt }),
      });
      const payload = {
        ...(await described(manager, publication)),
        ...origin(publication),
        step: failure.step,
        code: error.code,
        reason: error.message.slice(0, 4000),
        willRetry: retryAt !== undefined,
        ...(retryAt && { retryAt: retryAt.toISOString() }),
        attempt: Math.max(1, publication.attempt),
        seconds: failure.seconds,
      };
      await addToOutbox(manager, {
        message: imagePublishFailed,
        payload,
        traceparent: publication.traceparent ?? undefined,
      });
    });
  }

  /** Names that do not lead yet where they should, for trees that are published or are `aboutToBe`. */
  async unlinked(cvmfsRepository: string, aboutToBe: readonly string[]): Promise<ImageNameRow[]> {
    return this.dataSource
      .getRepository(ImageNameRow)
      .createQueryBuilder('n')
      .where('n.cvmfs_repository = :cvmfsRepository and n.deleted_at is null', { cvmfsRepository })
      .andWhere('n.linked_digest is distinct from n.digest')
      .andWhere(
        `(n.digest = any(:aboutToBe) or exists (select 1 from publication p
           where p.cvmfs_repository = n.cvmfs_repository and p.digest = n.digest and p.state = 'published'))`,
        { aboutToBe: [...aboutToBe] },
      )
      .getMany();
  }

  /** The transaction is on CVMFS: keeps and says what it brought. */
  async committed(outcomes: readonly Outcome[], linked: readonly Linked[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const { row } of linked) {
        const { cvmfsRepository, registry, repository, name } = row;
        await manager.update(
          ImageNameRow,
          { cvmfsRepository, registry, repository, name },
          { linkedDigest: row.digest },
        );
      }
      for (const outcome of outcomes) {
        await manager.update(Publication, key(outcome.publication), {
          state: 'published',
          publishedAt: new Date(),
          failureCode: null,
          failureReason: null,
          unreferencedAt: null,
          layers: [...outcome.layers],
        });
        await this.sayPublished(manager, outcome, linked);
      }
    });
  }

  private async sayPublished(
    manager: EntityManager,
    outcome: Outcome,
    linked: readonly Linked[],
  ): Promise<void> {
    const { publication, path, files, directories, bytes, reusedFiles, leftOut, seconds } = outcome;
    const links = linked
      .filter(({ row }) => row.digest === publication.digest)
      .filter(({ row }) => row.registry === publication.registry && row.repository === publication.repository)
      .map((link) => link.path);
    const payload = {
      ...(await described(manager, publication)),
      ...origin(publication),
      path,
      links,
      files,
      directories,
      bytes,
      leftOut,
      seconds,
      ...(reusedFiles > 0 && { reusedFiles }),
      attempt: Math.max(1, publication.attempt),
    };
    await addToOutbox(manager, {
      message: imagePublished,
      payload,
      traceparent: publication.traceparent ?? undefined,
    });
  }

  /** The names that should lead to an image. */
  named(cvmfsRepository: string, digest: string): Promise<ImageNameRow[]> {
    return this.dataSource
      .getRepository(ImageNameRow)
      .findBy({ cvmfsRepository, digest, deletedAt: IsNull() });
  }

  find(cvmfsRepository: string, digest: string): Promise<Publication | null> {
    return this.dataSource.getRepository(Publication).findOneBy({ cvmfsRepository, digest });
  }

  /** A published image that shares the most with a new one: the one that its tag names now, else the repository's latest. */
  async predecessor(publication: Publication): Promise<Publication | undefined> {
    return this.dataSource
      .getRepository(Publication)
      .createQueryBuilder('p')
      .where(
        `p.cvmfs_repository = :cvmfsRepository and p.state = 'published' and p.layers is not null`,
        publication,
      )
      .andWhere('p.registry = :registry and p.repository = :repository and p.digest <> :digest', publication)
      .orderBy(
        `exists (select 1 from image_name n where n.cvmfs_repository = p.cvmfs_repository
           and n.linked_digest = p.digest and n.digest = :digest)`,
        'DESC',
      )
      .addOrderBy('p.published_at', 'DESC')
      .limit(1)
      .getOne()
      .then((found) => found ?? undefined);
  }
}

/** What a publication is unique by: an image is once in a CVMFS repository, whatever its names. */
export const key = ({
  cvmfsRepository,
  digest,
}: Publication): { cvmfsRepository: string; digest: string } => ({
  cvmfsRepository,
  digest,
});

/** Says that a publication waits for its turn. */
export async function sayQueued(
  manager: EntityManager,
  publication: Publication,
  because: InputOf<typeof imageQueued>['because'],
): Promise<void> {
  const { attempt, requestedAt, traceparent, requestedBy } = publication;
  const payload = {
    ...(await described(manager, publication)),
    because,
    attempt,
    requestedAt: requestedAt.toISOString(),
  };
  await addToOutbox(manager, {
    message: imageQueued,
    payload,
    causationId: requestedBy,
    traceparent: traceparent ?? undefined,
  });
}

const origin = ({ origin: said }: Publication): Pick<InputOf<typeof imagePublished>, 'origin'> =>
  said ? { origin: said } : {};

/** What every event about a publication carries. */
export async function described(
  manager: EntityManager,
  publication: Pick<Publication, 'cvmfsRepository' | 'registry' | 'repository' | 'digest' | 'platform'>,
) {
  const { cvmfsRepository, registry, repository, digest, platform } = publication;
  const names = await manager.findBy(ImageNameRow, { cvmfsRepository, registry, repository, digest });
  const tags = names.flatMap(({ name, deletedAt }) =>
    name.startsWith(':') && deletedAt === null ? [name.slice(1)] : [],
  );
  return { cvmfsRepository, registry, repository, digest, platform, tags };
}
