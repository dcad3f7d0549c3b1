import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links, and trees without links, that do not wait for the end of their grace period. */
export class Unpublish1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table image_name add column remove_at timestamptz');
    await runner.query('alter table publication add column remove_at timestamptz');
    await runner.query(
      'create index image_name_remove on image_name (cvmfs_repository) where remove_at is not null',
    );
    await runner.query(
      'create index publication_remove on publication (cvmfs_repository) where remove_at is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table image_name drop column remove_at');
    await runner.query('alter table publication drop column remove_at');
  }
}
