import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a trace stands that somebody else is to go on with: its last line, and what it tells of artifacts on their way. */
export class TraceStanding1830000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ci_job
        add column last_line text not null default 'ended' check (last_line in ('ended', 'open', 'renewed')),
        add column delivery jsonb not null default '{"told": 0}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table ci_job drop column last_line, drop column delivery');
  }
}
