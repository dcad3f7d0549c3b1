import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which images are on CVMFS, and by which tags: with the time of what said so, so that late words change nothing. */
export class PublishedImages1830000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table published_tree (
        registry text not null,
        repository text not null,
        digest text not null,
        cvmfs_repository text not null,
        path text not null,
        is_there boolean not null,
        at timestamptz not null,
        primary key (registry, repository, digest, cvmfs_repository)
      )`);
    await runner.query(`
      create table published_tag (
        registry text not null,
        repository text not null,
        tag text not null,
        cvmfs_repository text not null,
        digest text,
        at timestamptz not null,
        primary key (registry, repository, tag, cvmfs_repository)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['published_tag', 'published_tree']) await runner.query(`drop table ${table}`);
  }
}
