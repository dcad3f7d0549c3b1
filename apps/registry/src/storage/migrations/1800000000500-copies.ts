import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each service’s copy of the resources is. */
export class Copies1800000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table service_copy (
        queue text primary key,
        asked_after bigint not null,
        told_up_to bigint not null,
        heard_at timestamptz not null,
        stuck_since timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table service_copy');
  }
}
