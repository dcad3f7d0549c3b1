import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is sent to whom, and what came of it. */
export class Subscriptions1800000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The body is text: what is signed must not be put in another order.
    await runner.query(`
      create table subscription_delivery (
        id uuid primary key default gen_random_uuid(),
        position bigint generated always as identity unique,
        subscription_id uuid not null,
        event_id text not null,
        event_name text not null,
        event_type text not null,
        event_time timestamptz not null,
        body text not null,
        state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
        attempts int not null default 0,
        created_at timestamptz not null default now(),
        next_at timestamptz not null default now(),
        taken_until timestamptz,
        last_at timestamptz,
        last_status int,
        last_reason text,
        last_milliseconds int,
        finished_at timestamptz,
        unique (subscription_id, event_id)
      )`);
    await runner.query(
      `create index subscription_delivery_due on subscription_delivery (subscription_id, next_at, position) where state = 'waiting'`,
    );
    await runner.query(
      'create index subscription_delivery_of on subscription_delivery (subscription_id, position)',
    );
    await runner.query(
      'create index subscription_delivery_finished on subscription_delivery (finished_at) where finished_at is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table subscription_delivery');
  }
}
