import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a batch system was asked to end an attempt. */
export class AskedAgain1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table attempt add column cancel_asked int not null default 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table attempt drop column cancel_asked');
  }
}
