import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is signed in, and whom the identity provider told of. */
export class Sessions1800000000600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table session (
        id uuid primary key,
        subject text not null,
        name text not null,
        way text not null check (way in ('openid', 'api-key', 'bootstrap')),
        browser text not null,
        created_at timestamptz not null default now(),
        seen_at timestamptz not null default now(),
        expires_at timestamptz not null,
        ended_at timestamptz
      )`);
    await runner.query('create index session_of on session (subject) where ended_at is null');
    // What the sign-in provider last said of a person.
    await runner.query(`
      create table person (
        subject text primary key,
        name text not null,
        groups text[] not null,
        seen_at timestamptz not null
      )`);
    // Of keys that a person made; null where a key made it: keys are in no group.
    await runner.query('alter table api_key add column created_by_groups text[]');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table api_key drop column created_by_groups');
    await runner.query('drop table session, person');
  }
}
