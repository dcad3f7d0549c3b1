import { credentialExpiring, credentialResource } from '#contracts';
import { addToOutbox } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import { eraseEnded } from '../storage/secret.store.js';

/** When warnings are due, and who sends them on; that a secret has ended is said in any case. */
export interface ExpiryWatchOptions {
  readonly dataSource: DataSource;
  /** So many days before the end a warning is said. */
  readonly warningDays: readonly number[];
  /** Called when something was written into the outbox. */
  readonly said: () => void;
}

interface ExpiringRow {
  readonly id: string;
  readonly expires_at: Date;
  readonly fingerprint: string;
  readonly spec: unknown;
  readonly days: number;
}

/** Warns of secrets that end, each time once: whichever copy comes first says it and notes that it did. */
export class ExpiryWatch {
  constructor(private readonly options: ExpiryWatchOptions) {}

  async look(): Promise<void> {
    const { dataSource, said } = this.options;
    const count = await dataSource.transaction(async (manager) => {
      await eraseEnded(manager);
      const expiring = await this.expiring(manager);
      for (const row of expiring) await this.warn(manager, row);
      return expiring.length;
    });
    if (count > 0) said();
  }

  /**
   * The secrets that crossed a mark since the last warning: the mark is the fewest days that still hold the time left, 0
   * when it has run out. What another copy has in hand is left to it.
   */
  private expiring(manager: EntityManager): Promise<readonly ExpiringRow[]> {
    return manager.query<ExpiringRow[]>(
      `select secret.id, secret.expires_at, secret.fingerprint, latest.spec, mark.days
       from credential_secret secret
       join resource_version latest on latest.id = secret.credential_id and latest.kind = 'credential'
         and latest.valid_to is null and not latest.gone
       cross join lateral (
         select min(days) as days from unnest($1::int[]) as days
         where secret.expires_at <= now() + make_interval(days => days)
       ) mark
       where secret.sealed is not null and secret.valid_until is null and secret.expires_at is not null
         and mark.days is not null and (secret.warned_days is null or mark.days < secret.warned_days)
       order by secret.expires_at limit 500
       for update of secret skip locked`,
      [[0, ...this.options.warningDays]],
    );
  }

  private async warn(manager: EntityManager, row: ExpiringRow): Promise<void> {
    const { name, type, project } = credentialResource.schema.parse(row.spec);
    await manager.query('update credential_secret set warned_days = $2 where id = $1', [row.id, row.days]);
    await addToOutbox(manager, {
      message: credentialExpiring,
      payload: {
        name,
        type,
        ...(project !== undefined && { project }),
        fingerprint: row.fingerprint,
        expiresAt: row.expires_at.toISOString(),
        hasExpired: row.days === 0,
      },
    });
  }
}
