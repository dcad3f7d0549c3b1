import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is heard of publications: a copy that can be lost, not the truth. */
export class Publications1800000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table publication (
        id uuid primary key,
        position bigint generated always as identity unique,
        cvmfs_repository text not null,
        registry text not null,
        repository text not null,
        digest text,
        tags text[] not null,
        state text not null,
        at timestamptz not null,
        requested_at timestamptz,
        record jsonb not null
      )`);
    await runner.query('create index publication_image on publication (registry, repository)');
    await runner.query(
      `create index publication_lane on publication (cvmfs_repository, requested_at) where state in ('waiting', 'publishing', 'retrying')`,
    );
    await runner.query(`
      create table publication_event (
        event_id text primary key,
        position bigint generated always as identity,
        publication_id uuid not null references publication on delete cascade,
        at timestamptz not null,
        name text not null,
        text text not null,
        attempt int
      )`);
    await runner.query('create index publication_event_of on publication_event (publication_id, at)');
    await runner.query(`
      create table image_heard (
        registry text not null,
        repository text not null,
        name text not null,
        at timestamptz not null,
        source text not null,
        is_deletion boolean not null,
        primary key (registry, repository, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table image_heard, publication_event, publication');
  }
}
