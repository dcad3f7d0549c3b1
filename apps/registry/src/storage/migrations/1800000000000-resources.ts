import { createOutbox } from '#database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Resources, each state of each for good: the latest one is the one that counts. */
export class Resources1800000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Names are compared by their bytes, whatever the database's own collation: cursors must not depend on it.
    await runner.query(`
      create table resource_version (
        kind text not null,
        id uuid not null,
        name text collate "C" not null,
        project text,
        version int not null,
        revision bigint not null unique,
        valid_from timestamptz not null,
        valid_to timestamptz,
        spec jsonb,
        gone boolean not null,
        changed_by text not null,
        changed_via text not null,
        refers_to text[] not null default '{}',
        primary key (kind, name, version),
        check (gone = (spec is null))
      )`);
    await runner.query(
      'create unique index resource_latest on resource_version (kind, name) where valid_to is null',
    );
    await runner.query(
      'create index resource_of_project on resource_version (kind, project, name) where valid_to is null and not gone',
    );
    await runner.query(
      'create index resource_references on resource_version using gin (refers_to) where valid_to is null and not gone',
    );
    await runner.query('create sequence registry_revision');
    await createOutbox(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox, resource_version');
    await runner.query('drop sequence registry_revision');
  }
}
