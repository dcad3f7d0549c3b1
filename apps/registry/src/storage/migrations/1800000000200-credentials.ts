import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The secrets of credentials, sealed. */
export class Credentials1800000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A secret that is gone leaves its row for the history, without the sealed text.
    await runner.query(`
      create table credential_secret (
        id uuid primary key,
        credential_id uuid not null,
        from_version int not null,
        to_version int,
        sealed text,
        fingerprint text not null,
        last_four text not null,
        created_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
        created_by text not null,
        valid_until timestamptz,
        expires_at timestamptz,
        warned_days int,
        last_used_at timestamptz,
        last_used_by text,
        check (to_version is null or sealed is null)
      )`);
    await runner.query('create index credential_secret_of on credential_secret (credential_id, created_at)');
    await runner.query(
      'create index credential_secret_expiry on credential_secret (expires_at) where sealed is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table credential_secret');
  }
}
