import type { QueryRunner } from 'typeorm';

/** The outbox's table, for the first migration of a service that has one. */
export async function createOutbox(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table outbox (
      position bigint generated always as identity primary key,
      id uuid not null unique,
      routing_key text not null,
      payload jsonb not null,
      correlation_id text,
      causation_id text,
      traceparent text,
      occurred_at timestamptz not null default now()
    )`);
}
