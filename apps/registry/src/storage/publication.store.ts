import type { PublicationEvent, PublicationQuery } from '#api';
import { publicationId } from '#settings';
import type { DataSource, EntityManager } from 'typeorm';
import { eventText } from '../domain/event-text.js';
import { heard, type PublicationRecord, type PublicationSaid } from '../domain/publication-record.js';
import type { LaneState } from '../domain/why-not-yet.js';

/** An image as a webhook named it. */
export interface HeardImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  readonly at: string;
  readonly source: string;
  readonly isDeletion: boolean;
}

/** Which publications are listed, page by page; those of a project are told apart by its rules, not here. */
export type PublicationFilter = Partial<Omit<PublicationQuery, 'limit' | 'cursor' | 'project'>> & {
  readonly limit: number;
  /** Older than this position. */
  readonly before?: number | undefined;
};

/** With the position that a page may end at. */
export interface Positioned {
  readonly position: number;
  readonly record: PublicationRecord;
}

const historyLength = 200;

/** What was heard of publications. Bears each event twice, and late. */
export class PublicationStore {
  constructor(private readonly dataSource: DataSource) {}

  async hear(eventId: string, said: PublicationSaid): Promise<void> {
    const id = publicationId(said.data);
    await this.dataSource.transaction(async (manager) => {
      // One after another, in all copies, for those of one repository: one of them takes tags away from the others.
      const { cvmfsRepository, registry, repository } = said.data;
      const place = `${cvmfsRepository}\n${registry}\n${repository}`;
      await manager.query(`select pg_advisory_xact_lock(hashtext('publication'), hashtext($1))`, [place]);
      const known = await this.find(id, manager);
      if (known === undefined && (await this.isResolvedBy(manager, said))) return;
      const record = heard(known, said);
      await this.keep(manager, record);
      if (isWorthKeeping(said)) await this.remember(manager, eventId, id, said);
      if (record.at === said.at) await this.settleOthers(manager, record);
    });
  }

  /** A webhook told of it; of two such the later counts. */
  async heardOf({ registry, repository, tag, digest, at, source, isDeletion }: HeardImage): Promise<void> {
    for (const name of [
      tag === undefined ? undefined : `:${tag}`,
      digest === undefined ? undefined : `@${digest}`,
    ]) {
      if (name === undefined) continue;
      await this.dataSource.query(
        `insert into image_heard (registry, repository, name, at, source, is_deletion) values ($1, $2, $3, $4, $5, $6)
         on conflict (registry, repository, name) do update set at = excluded.at, source = excluded.source,
           is_deletion = excluded.is_deletion
         where image_heard.at <= excluded.at`,
        [registry, repository, name, at, source, isDeletion],
      );
    }
  }

  async lastHeardOf(registry: string, repository: string, name: string): Promise<HeardImage | undefined> {
    const [row] = await this.dataSource.query<{ at: Date; source: string; is_deletion: boolean }[]>(
      'select at, source, is_deletion from image_heard where registry = $1 and repository = $2 and name = $3',
      [registry, repository, name],
    );
    if (!row) return undefined;
    return {
      registry,
      repository,
      at: row.at.toISOString(),
      source: row.source,
      isDeletion: row.is_deletion,
    };
  }

  async find(
    id: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<PublicationRecord | undefined> {
    const [row] = await manager.query<{ record: PublicationRecord }[]>(
      'select record from publication where id = $1',
      [id],
    );
    return row?.record;
  }

  /** The latest first, by when they were first heard of. */
  async list(filter: PublicationFilter): Promise<readonly Positioned[]> {
    const parameters: unknown[] = [];
    const conditions = Object.entries(conditionOf).flatMap(([field, condition]) => {
      const value = filter[field as keyof typeof conditionOf];
      return value === undefined ? [] : [condition(`$${parameters.push(value)}`)];
    });
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    const rows = await this.dataSource.query<{ position: string; record: PublicationRecord }[]>(
      `select position, record from publication ${where} order by position desc limit $${parameters.push(filter.limit)}`,
      parameters,
    );
    return rows.map(({ position, record }) => ({ position: Number(position), record }));
  }

  /** The latest first. */
  async history(id: string): Promise<readonly PublicationEvent[]> {
    const rows = await this.dataSource.query<EventRow[]>(
      `select event_id, at, name, text, attempt from publication_event where publication_id = $1
       order by at desc, position desc limit $2`,
      [id, historyLength],
    );
    return rows.map((row) => ({
      id: row.event_id,
      at: row.at.toISOString(),
      event: row.name,
      text: row.text,
      ...(row.attempt !== null && { attempt: row.attempt }),
    }));
  }

  /** What was asked for before these and is not done, by id. */
  async lanes(records: readonly PublicationRecord[]): Promise<ReadonlyMap<string, LaneState>> {
    const waiting = records.filter(({ state }) => state === 'waiting').map(({ id }) => id);
    if (waiting.length === 0) return new Map();
    const rows = await this.dataSource.query<{ id: string; ahead: number; under_way: number }[]>(
      `select p.id, count(o.id)::int as ahead, count(o.id) filter (where o.state = 'publishing')::int as under_way
       from publication p left join publication o on o.cvmfs_repository = p.cvmfs_repository and o.id <> p.id
         and (o.state = 'publishing' or (o.state = 'waiting' and o.requested_at < p.requested_at))
       where p.id = any($1) group by p.id`,
      [waiting],
    );
    return new Map(rows.map(({ id, ahead, under_way }) => [id, { ahead, underWay: under_way }]));
  }

  private async keep(manager: EntityManager, record: PublicationRecord): Promise<void> {
    const { id, cvmfsRepository, registry, repository, digest, tags, state, at, requestedAt } = record;
    await manager.query(
      `insert into publication (id, cvmfs_repository, registry, repository, digest, tags, state, at, requested_at, record)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (id) do update set tags = excluded.tags, state = excluded.state, at = excluded.at,
         requested_at = excluded.requested_at, record = excluded.record`,
      [
        id,
        cvmfsRepository,
        registry,
        repository,
        digest ?? null,
        tags,
        state,
        at,
        requestedAt ?? null,
        record,
      ],
    );
  }

  private async remember(
    manager: EntityManager,
    eventId: string,
    id: string,
    { name, at, ...said }: PublicationSaid,
  ): Promise<void> {
    const attempt = 'attempt' in said.data ? said.data.attempt : null;
    const text = eventText({ name, at, ...said } as PublicationSaid);
    await manager.query(
      `insert into publication_event (event_id, publication_id, at, name, text, attempt)
       values ($1, $2, $3, $4, $5, $6) on conflict (event_id) do nothing`,
      [eventId, id, at, name, text, attempt],
    );
    await manager.query(
      `delete from publication_event where publication_id = $1 and at < (select at from publication_event
         where publication_id = $1 order by at desc offset $2 limit 1)`,
      [id, historyLength],
    );
  }

  /** A tag that is resolved is no publication of its own any more; one that is published left the image before. */
  private async settleOthers(manager: EntityManager, record: PublicationRecord): Promise<void> {
    const { id, cvmfsRepository, registry, repository, digest, tags, state, at } = record;
    if (digest === undefined || tags.length === 0) return;
    const others = [id, cvmfsRepository, registry, repository, tags, at];
    await manager.query(
      `delete from publication where id <> $1 and cvmfs_repository = $2 and registry = $3 and repository = $4
         and digest is null and tags <@ $5 and at <= $6`,
      others,
    );
    if (state !== 'published') return;
    await manager.query(
      `update publication set tags = left_over.tags, record = jsonb_set(record, '{tags}', to_jsonb(left_over.tags))
       from (select o.id, array(select unnest(o.tags) except select unnest($5::text[]))::text[] as tags from publication o
         where o.id <> $1 and o.cvmfs_repository = $2 and o.registry = $3 and o.repository = $4 and o.tags && $5
           and o.at <= $6) as left_over
       where publication.id = left_over.id`,
      others,
    );
    // Heard of late: what was published after it may have some of its tags.
    await manager.query(
      `update publication set tags = left_over.tags, record = jsonb_set(record, '{tags}', to_jsonb(left_over.tags))
       from (select array(select unnest($5::text[]) except select unnest(o.tags) from publication o
         where o.id <> $1 and o.cvmfs_repository = $2 and o.registry = $3 and o.repository = $4 and o.tags && $5
           and o.state = 'published' and o.at > $6)::text[] as tags) as left_over
       where publication.id = $1 and cardinality(left_over.tags) < cardinality($5::text[])`,
      others,
    );
  }

  /** That a tag could not be resolved is of no interest once it was. */
  private async isResolvedBy(manager: EntityManager, { data, at }: PublicationSaid): Promise<boolean> {
    if (data.digest !== undefined) return false;
    const [row] = await manager.query<{ found: boolean }[]>(
      `select exists (select 1 from publication where cvmfs_repository = $1 and registry = $2 and repository = $3
         and digest is not null and tags && $4 and at >= $5) as found`,
      [data.cvmfsRepository, data.registry, data.repository, data.tags, at],
    );
    return row?.found === true;
  }
}

interface EventRow {
  readonly event_id: string;
  readonly at: Date;
  readonly name: string;
  readonly text: string;
  readonly attempt: number | null;
}

const conditionOf = {
  before: (value: string) => `position < ${value}`,
  cvmfsRepository: (value: string) => `cvmfs_repository = ${value}`,
  registry: (value: string) => `registry = ${value}`,
  repository: (value: string) => `repository = ${value}`,
  tag: (value: string) => `${value} = any(tags)`,
  digest: (value: string) => `digest = ${value}`,
  state: (value: string) => `state = ${value}`,
  q: (value: string) =>
    `strpos(registry || '/' || repository || ' ' || array_to_string(tags, ' '), ${value}) > 0`,
};

/** A step's beginning is; how far it is at each second is not. */
const isWorthKeeping = (said: PublicationSaid): boolean =>
  said.name !== 'image.publishing' ||
  (said.data.bytesDone === undefined && said.data.filesDone === undefined);
