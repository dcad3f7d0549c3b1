import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Up to where the event logs of batch systems were read. */
export class EventPositions1830000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table event_position (backend text primary key, position text not null)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table event_position');
  }
}
