import type { DataSource, EntityManager } from 'typeorm';

/** The one key that makes the first admin. */
export interface StoredBootstrapKey {
  readonly hash: Buffer;
  readonly expiresAt: Date;
  readonly usedAt: Date | undefined;
}

interface Row {
  readonly hash: Buffer;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

/** There is at most one, whatever it has come to. */
export class BootstrapKeyStore {
  constructor(private readonly dataSource: DataSource) {}

  async find(manager: EntityManager = this.dataSource.manager): Promise<StoredBootstrapKey | undefined> {
    const [row] = await manager.query<Row[]>('select hash, expires_at, used_at from bootstrap_key');
    return row && { hash: row.hash, expiresAt: row.expires_at, usedAt: row.used_at ?? undefined };
  }

  /** Copies that start together come in here one after another. */
  async alone<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`select pg_advisory_xact_lock(hashtext(current_schema() || '.bootstrap_key'))`);
      return work(manager);
    });
  }

  async replace(manager: EntityManager, hash: Buffer, expiresAt: Date): Promise<void> {
    await manager.query(
      `insert into bootstrap_key (hash, expires_at) values ($1, $2)
       on conflict (single) do update set hash = excluded.hash, expires_at = excluded.expires_at, used_at = null`,
      [hash, expiresAt],
    );
  }

  /** Takes it out of use; false where somebody did before. */
  async use(manager: EntityManager, hash: Buffer): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      'update bootstrap_key set used_at = now() where hash = $1 and used_at is null and expires_at > now()',
      [hash],
    );
    return count === 1;
  }
}
