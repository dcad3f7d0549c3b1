import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who changed what, and which requests were answered already. */
export class Audit1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_entry (
        id bigint generated always as identity primary key,
        at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
        changed_by text not null,
        changed_via text not null,
        action text not null,
        kind text,
        name text collate "C",
        project text,
        version int,
        fields text[] not null default '{}',
        detail text
      )`);
    await runner.query('create index audit_entry_of on audit_entry (kind, name, id)');
    await runner.query('create index audit_entry_project on audit_entry (project, id)');
    await runner.query('create index audit_entry_by on audit_entry (changed_by, id)');
    await runner.query(`
      create table idempotency_key (
        subject text not null,
        key text not null,
        request text not null,
        status int,
        headers jsonb,
        body jsonb,
        created_at timestamptz not null default now(),
        primary key (subject, key)
      )`);
    await runner.query('create index idempotency_key_age on idempotency_key (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_key, audit_entry');
  }
}
