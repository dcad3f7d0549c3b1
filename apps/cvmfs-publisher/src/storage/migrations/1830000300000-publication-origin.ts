import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where images say that they were built. */
export class PublicationOrigin1830000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table publication add column origin jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table publication drop column origin');
  }
}
