import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makePartitions } from '../partitions.js';

/** What attempts leave: their logs in chunks, and where their outputs lie. */
export class Logs1820000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // One row for each attempt: whoever appends takes it, so that two calls never write the same bytes.
    await runner.query(`
      create table attempt_log (
        attempt_id uuid not null,
        made_at timestamptz not null,
        bytes bigint not null default 0,
        lines bigint not null default 0,
        is_cut boolean not null default false,
        at timestamptz not null default now(),
        primary key (attempt_id, made_at)
      ) partition by range (made_at)`);
    await runner.query(`
      create table log_chunk (
        attempt_id uuid not null,
        made_at timestamptz not null,
        start bigint not null,
        length int not null,
        is_deflated boolean not null,
        body bytea not null,
        primary key (attempt_id, made_at, start)
      ) partition by range (made_at)`);
    await runner.query(`
      create table attempt_outputs (
        attempt_id uuid not null,
        made_at timestamptz not null,
        sha256 text not null,
        zip_bytes bigint not null,
        zip_sha256 text not null,
        files jsonb not null,
        stored_at timestamptz not null default now(),
        primary key (attempt_id, made_at)
      ) partition by range (made_at)`);
    // It is compressed already.
    await runner.query('alter table log_chunk alter column body set storage external');
    await makePartitions(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table attempt_outputs, log_chunk, attempt_log');
  }
}
