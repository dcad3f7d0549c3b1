import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys, by their hashes, and whether the first one was made. */
export class Access1800000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Rows stay when a key is revoked: the trail of who did what names them.
    await runner.query(`
      create table api_key (
        id text primary key,
        hash bytea not null,
        name text not null,
        role text not null check (role in ('admin', 'member', 'reader')),
        only_projects text[],
        created_at timestamptz not null default now(),
        created_by text not null,
        created_by_subject text not null,
        expires_at timestamptz not null,
        revoked_at timestamptz,
        revoked_by text,
        last_used_at timestamptz
      )`);
    await runner.query(`
      create table bootstrap_key (
        single boolean primary key default true check (single),
        hash bytea not null,
        expires_at timestamptz not null,
        used_at timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table api_key, bootstrap_key');
  }
}
