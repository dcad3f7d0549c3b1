import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is to be sent to subscriptions, and what was. */
export class Deliveries1800000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table delivery (
        subscription text not null,
        event_id text not null,
        body text not null,
        state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
        attempt int not null default 0,
        created_at timestamptz not null default now(),
        next_attempt_at timestamptz not null default now(),
        ended_at timestamptz,
        last_error text,
        primary key (subscription, event_id)
      )`);
    await runner.query(
      `create index delivery_due on delivery (subscription, next_attempt_at) where state = 'waiting'`,
    );
    await runner.query('create index delivery_ended on delivery (ended_at) where ended_at is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table delivery');
  }
}
