import { createOutbox } from '#database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which images are to be in which CVMFS repository, and the names under which they are found there. */
export class Publications1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table publication (
        cvmfs_repository text not null,
        digest text not null,
        registry text not null,
        repository text not null,
        platform text not null,
        image_source text not null,
        state text not null check (state in ('waiting', 'publishing', 'published', 'failed', 'unpublished')),
        attempt int not null default 0,
        next_attempt_at timestamptz not null default now(),
        requested_at timestamptz not null default now(),
        requested_by text not null,
        traceparent text,
        failure_code text,
        failure_reason text,
        published_at timestamptz,
        unreferenced_at timestamptz,
        layers jsonb,
        primary key (cvmfs_repository, digest)
      )`);
    await runner.query(
      `create index publication_due on publication (cvmfs_repository, next_attempt_at) where state = 'waiting'`,
    );
    await runner.query(`
      create table image_name (
        cvmfs_repository text not null,
        registry text not null,
        repository text not null,
        name text not null,
        digest text not null,
        pushed_digest text not null,
        pushed_at timestamptz not null,
        linked_digest text,
        deleted_at timestamptz,
        primary key (cvmfs_repository, registry, repository, name)
      )`);
    await runner.query('create index image_name_digest on image_name (cvmfs_repository, digest)');
    await createOutbox(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox, image_name, publication');
  }
}
