import type { ResourceKind } from '#contracts';
import { preparedQuery } from '#database';
import { permanent } from '#errors';
import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { Author, Expected, StoredResource } from '../domain/stored-resource.js';
import { columns, fromRow, type ResourceRow } from './resource-row.js';

/** What to write. Without `spec` the resource is removed. */
export interface ResourceWrite {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly spec?: unknown;
  readonly project?: string | undefined;
  /** `<kind>/<name>` of each resource that the specification names. */
  readonly refersTo?: readonly string[];
  readonly expected: Expected;
  readonly author: Author;
}

/** Every state of every resource. Nothing is overwritten. */
export class ResourceStore {
  constructor(private readonly dataSource: DataSource) {}

  /** As it is now; undefined where there is none, or none any more. */
  async current(
    kind: ResourceKind,
    name: string,
    manager?: EntityManager,
  ): Promise<StoredResource | undefined> {
    const latest = await this.latest(manager, kind, name);
    return latest?.gone === true ? undefined : latest;
  }

  /** As it was then. */
  async at(kind: ResourceKind, name: string, time: Date): Promise<StoredResource | undefined> {
    const rows = await this.dataSource.query<ResourceRow[]>(
      `select ${columns} from resource_version
       where kind = $1 and name = $2 and not gone and valid_from <= $3 and (valid_to is null or valid_to > $3)`,
      [kind, name, time],
    );
    return rows[0] && fromRow(rows[0]);
  }

  /** Its states, the latest first, removals included; `before` is a version. */
  async history(
    kind: ResourceKind,
    name: string,
    page: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<readonly StoredResource[]> {
    const rows = await this.dataSource.query<ResourceRow[]>(
      `select ${columns} from resource_version
       where kind = $1 and name = $2 and version < $3 order by version desc limit $4`,
      [kind, name, page.before ?? 2 ** 31 - 1, page.limit],
    );
    return rows.map(fromRow);
  }

  /** Those of these references that exist, with their projects. */
  async existing(
    manager: EntityManager,
    references: readonly { readonly kind: ResourceKind; readonly name: string }[],
  ): Promise<readonly Pick<StoredResource, 'kind' | 'name' | 'project'>[]> {
    if (references.length === 0) return [];
    const rows = await manager.query<Pick<ResourceRow, 'kind' | 'name' | 'project'>[]>(
      `select kind, name, project from resource_version
       where valid_to is null and not gone and (kind, name) in (select * from unnest($1::text[], $2::text[]))`,
      [references.map(({ kind }) => kind), references.map(({ name }) => name)],
    );
    return rows.map(({ project, ...row }) => ({ ...row, project: project ?? undefined }));
  }

  /** Those that name this one now. */
  async namedBy(
    manager: EntityManager,
    kind: ResourceKind,
    name: string,
  ): Promise<readonly StoredResource[]> {
    const rows = await manager.query<ResourceRow[]>(
      `select ${columns} from resource_version
       where valid_to is null and not gone and refers_to @> array[$1] order by kind, name limit 20`,
      [`${kind}/${name}`],
    );
    return rows.map(fromRow);
  }

  /**
   * All changes go through here one after another: only so do revisions become visible in their order, and no two
   * decisions are made on the same state. Held until the transaction ends.
   */
  async lock(manager: EntityManager): Promise<void> {
    await manager.query(`select pg_advisory_xact_lock(hashtext(current_schema() || '.revision'))`);
  }

  /**
   * Writes the next version, within the caller's transaction, under `lock`.
   *
   * @throws permanent `resource.exists`, `resource.not_found`, `resource.version_differs`
   */
  async write(manager: EntityManager, write: ResourceWrite): Promise<StoredResource> {
    await this.lock(manager);
    const latest = await this.latest(manager, write.kind, write.name);
    refuseUnexpected(write, latest);
    const gone = write.spec === undefined;
    const isNew = latest === undefined || latest.gone;
    if (latest) {
      await manager.query(
        `update resource_version set valid_to = greatest(valid_from, date_trunc('milliseconds', clock_timestamp()))
         where kind = $1 and name = $2 and valid_to is null`,
        [write.kind, write.name],
      );
    }
    const rows = await manager.query<ResourceRow[]>(
      `insert into resource_version (kind, name, version, id, project, revision, valid_from, spec, gone, changed_by,
         changed_via, refers_to)
       values ($1, $2, $3, $4, $5, nextval('registry_revision'),
         coalesce((select valid_to from resource_version where kind = $1 and name = $2 and version = $3 - 1),
           date_trunc('milliseconds', clock_timestamp())),
         $6, $7, $8, $9, $10)
       returning ${columns}`,
      [
        write.kind,
        write.name,
        (latest?.version ?? 0) + 1,
        isNew ? randomUUID() : latest.id,
        (gone ? latest?.project : write.project) ?? null,
        gone ? null : JSON.stringify(write.spec),
        gone,
        write.author.by,
        write.author.via,
        write.refersTo ?? [],
      ],
    );
    const [row] = rows;
    if (!row) throw permanent('resource.not_written', 'the database returned no row');
    return fromRow(row);
  }

  private async latest(
    manager: EntityManager | undefined,
    kind: ResourceKind,
    name: string,
  ): Promise<StoredResource | undefined> {
    const values = [kind, name];
    const rows = manager
      ? await manager.query<ResourceRow[]>(latestQuery.text, values)
      : await preparedQuery<ResourceRow>(this.dataSource, latestQuery, values);
    return rows[0] && fromRow(rows[0]);
  }
}

const latestQuery = {
  name: 'resource-latest',
  text: `select ${columns} from resource_version where kind = $1 and name = $2 and valid_to is null`,
};

/** @throws permanent `resource.exists`, `resource.not_found`, `resource.version_differs` */
export function refuseUnexpected(
  { kind, name, expected, spec }: Pick<ResourceWrite, 'kind' | 'name' | 'expected' | 'spec'>,
  latest: StoredResource | undefined,
): void {
  const subject = `${kind}/${name}`;
  const exists = latest !== undefined && !latest.gone;
  if (expected === 'nothing' && exists) {
    throw permanent('resource.exists', `${subject} exists already`, { subject, level: 'info' });
  }
  const mustExist = spec === undefined || expected === 'something' || typeof expected === 'object';
  if (!exists && mustExist) {
    throw permanent('resource.not_found', `there is no ${subject}`, { subject, level: 'info' });
  }
  if (latest && typeof expected === 'object' && !expected.versions.includes(latest.version)) {
    const message = `${subject} has been changed since: it is version ${latest.version} now, not ${expected.versions.join(' or ')}`;
    throw permanent('resource.version_differs', message, { subject, level: 'info' });
  }
}
