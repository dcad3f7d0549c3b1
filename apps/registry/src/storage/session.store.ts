import type { DataSource, EntityManager } from 'typeorm';

/** A session of a browser as it is kept beside its cookie: enough to tell it from others, and to end it. */
export interface StoredSession {
  readonly id: string;
  readonly subject: string;
  readonly name: string;
  readonly way: 'openid' | 'api-key' | 'bootstrap';
  /** What the browser calls itself. */
  readonly browser: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

const columns = `id, subject, name, way, browser, created_at as "createdAt", seen_at as "seenAt", expires_at as "expiresAt"`;
const counts = 'ended_at is null and expires_at > now()';

/** The sessions. */
export class SessionStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(session: Omit<StoredSession, 'createdAt' | 'seenAt'>): Promise<void> {
    const { id, subject, name, way, browser, expiresAt } = session;
    await this.dataSource.query('delete from session where expires_at < now()');
    await this.dataSource.query(
      'insert into session (id, subject, name, way, browser, expires_at) values ($1, $2, $3, $4, $5, $6)',
      [id, subject, name, way, browser, expiresAt],
    );
  }

  /** The one with this id; undefined where it does not count any more. */
  async find(id: string): Promise<StoredSession | undefined> {
    const [found] = await this.dataSource.query<StoredSession[]>(
      `select ${columns} from session where id = $1 and ${counts}`,
      [id],
    );
    return found;
  }

  /** Those that count, by id. `subject`: whose; undefined: everybody's. */
  list(query: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly subject?: string | undefined;
  }): Promise<readonly StoredSession[]> {
    return this.dataSource.query<StoredSession[]>(
      `select ${columns} from session where ${counts} and ($1::text is null or subject = $1)
         and ($2::text is null or id::text > $2) order by id::text limit $3`,
      [query.subject ?? null, query.after ?? null, query.limit],
    );
  }

  async seen(id: string): Promise<void> {
    await this.dataSource.query('update session set seen_at = now() where id = $1', [id]);
  }

  async end(id: string, manager: EntityManager = this.dataSource.manager): Promise<void> {
    await manager.query('update session set ended_at = now() where id = $1 and ended_at is null', [id]);
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(work);
  }
}
