import type { DataSource, EntityManager } from 'typeorm';
import type { ProjectOwners, Role } from '#access';
import type { Person } from '../domain/claims.js';

/** An API key as it is kept: by its hash. */
export interface StoredKey {
  readonly id: string;
  readonly hash: Buffer;
  readonly name: string;
  readonly role: Role;
  readonly onlyProjects: readonly string[] | undefined;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly createdBySubject: string;
  /** Of a person, as they were then; undefined where a key made it. */
  readonly createdByGroups: readonly string[] | undefined;
  readonly expiresAt: Date;
  readonly revokedAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
}

/** A key as it is made; the database has the clock, and what comes later is not known yet. */
export type KeyToStore = Omit<StoredKey, 'createdAt' | 'revokedAt' | 'lastUsedAt'>;

/** Which keys are listed, page by page. */
export interface KeyQuery {
  readonly limit: number;
  /** The id that the page before ended with. */
  readonly after?: string | undefined;
  /** Of whom; undefined: of all. */
  readonly createdBySubject?: string | undefined;
}

interface KeyRow {
  readonly id: string;
  readonly hash: Buffer;
  readonly name: string;
  readonly role: Role;
  readonly only_projects: string[] | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly created_by_subject: string;
  readonly created_by_groups: string[] | null;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
}

/** The API keys. */
export class ApiKeyStore {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<StoredKey | undefined> {
    const rows = await this.dataSource.query<KeyRow[]>('select * from api_key where id = $1', [id]);
    return rows[0] && fromRow(rows[0]);
  }

  async add(key: KeyToStore, manager: EntityManager): Promise<StoredKey> {
    const rows = await manager.query<KeyRow[]>(
      `insert into api_key (id, hash, name, role, only_projects, created_by, created_by_subject, expires_at, created_by_groups)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *`,
      [
        key.id,
        key.hash,
        key.name,
        key.role,
        key.onlyProjects ?? null,
        key.createdBy,
        key.createdBySubject,
        key.expiresAt,
        key.createdByGroups ?? null,
      ],
    );
    return fromRow(rows[0] as KeyRow);
  }

  /** Those that count, by id. */
  async list({ limit, after = '', createdBySubject }: KeyQuery): Promise<readonly StoredKey[]> {
    const rows = await this.dataSource.query<KeyRow[]>(
      `select * from api_key where revoked_at is null and expires_at > now() and id > $1
         and ($2::text is null or created_by_subject = $2) order by id limit $3`,
      [after, createdBySubject ?? null, limit],
    );
    return rows.map(fromRow);
  }

  /** The person who made it, as the provider said when they last signed in; undefined where a key made it. */
  async makerOf({
    createdBy,
    createdBySubject,
    createdByGroups,
    createdAt,
  }: StoredKey): Promise<Person | undefined> {
    if (!createdByGroups) return undefined;
    const [since] = await this.dataSource.query<Person[]>(
      'select subject, name, groups from person where subject = $1 and seen_at > $2',
      [createdBySubject, createdAt],
    );
    return since ?? { subject: createdBySubject, name: createdBy, groups: createdByGroups };
  }

  /** Who owns these projects now. */
  ownersOf(projects: readonly string[]): Promise<readonly ProjectOwners[]> {
    return this.dataSource.query<ProjectOwners[]>(
      `select name, coalesce(spec -> 'owners', '[]') as owners, coalesce(spec -> 'ownerGroups', '[]') as "ownerGroups"
       from resource_version where kind = 'project' and name = any($1) and valid_to is null and not gone`,
      [projects],
    );
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(work);
  }

  async revoke(manager: EntityManager, id: string, by: string): Promise<void> {
    await manager.query(
      'update api_key set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null',
      [id, by],
    );
  }

  /** Whether anybody holds a key that makes an admin. */
  async hasAdmin(manager: EntityManager): Promise<boolean> {
    const rows = await manager.query<object[]>(
      `select 1 from api_key where role = 'admin' and revoked_at is null and expires_at > now() limit 1`,
    );
    return rows.length > 0;
  }

  /** Notes when keys were last used; an older note than what stands there changes nothing. */
  async used(times: ReadonlyMap<string, Date>): Promise<void> {
    await this.dataSource.query(
      // Another copy may note the uses of the same keys, in another order.
      `update api_key set last_used_at = greatest(last_used_at, noted.at)
       from unnest($1::text[], $2::timestamptz[]) as noted (id, at)
       where api_key.id = noted.id
         and api_key.id in (select id from api_key where id = any($1) for update skip locked)`,
      [[...times.keys()], [...times.values()]],
    );
  }
}

const fromRow = (row: KeyRow): StoredKey => ({
  id: row.id,
  hash: row.hash,
  name: row.name,
  role: row.role,
  onlyProjects: row.only_projects ?? undefined,
  createdAt: row.created_at,
  createdBy: row.created_by,
  createdBySubject: row.created_by_subject,
  createdByGroups: row.created_by_groups ?? undefined,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at ?? undefined,
  lastUsedAt: row.last_used_at ?? undefined,
});
