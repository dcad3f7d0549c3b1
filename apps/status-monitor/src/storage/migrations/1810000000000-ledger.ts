import { createOutbox } from '#database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makePartitions } from '../partitions.js';

/** Groups, jobs and attempts by month, what was said of them, and what waits to be applied. */
export class Ledger1810000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table job_group (
        id uuid primary key,
        made_at timestamptz not null default now(),
        name text not null,
        project text not null,
        backend text,
        user_name text,
        identity text,
        template jsonb,
        labels jsonb not null,
        jobs int not null,
        running_at_once int,
        requested_by text not null,
        requested_at timestamptz not null,
        refusal jsonb,
        progressed_at timestamptz,
        finished_at timestamptz,
        outcome text,
        states jsonb
      )`);
    await runner.query('create index job_group_made on job_group (made_at desc, id desc)');
    await runner.query('create index job_group_project on job_group (project, made_at desc, id desc)');
    await runner.query(
      'create index job_group_open on job_group (made_at) where finished_at is null and refusal is null',
    );
    // A partition goes as a whole, so all of a group's rows bear its date.
    await runner.query(`
      create table job (
        id uuid not null,
        made_at timestamptz not null,
        group_id uuid not null,
        index int not null,
        key text not null,
        variables jsonb not null,
        primary key (id, made_at)
      ) partition by range (made_at)`);
    await runner.query('create index job_of_group on job (group_id, index)');
    await createAttempts(runner);
    await createOthers(runner);
    await createOutbox(runner);
    await makePartitions(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table outbox, parked_report, group_change, attempt_life, attempt_event, attempt, job, job_group',
    );
  }
}

async function createAttempts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table attempt (
      id uuid not null,
      made_at timestamptz not null,
      group_id uuid not null,
      job_id uuid not null,
      index int not null,
      number int not null,
      is_latest boolean not null default true,
      project text not null,
      backend text not null,
      state text not null,
      state_at timestamptz not null,
      queued_at timestamptz not null,
      not_before timestamptz,
      batch_id text,
      node text,
      started_at timestamptz,
      ended_at timestamptz,
      exit_code int,
      signal int,
      reason jsonb,
      usage jsonb,
      cancel jsonb,
      batch_end jsonb,
      session text,
      primary key (id, made_at)
    ) partition by range (made_at)`);
  await runner.query('create index attempt_of_job on attempt (job_id, number)');
  await runner.query('create index attempt_of_group on attempt (group_id, state) where is_latest');
  await runner.query('create index attempt_of_batch on attempt (batch_id) where batch_id is not null');
  await runner.query(
    `create index attempt_open on attempt (backend) where state in ('submitted', 'waiting', 'running')`,
  );
}

async function createOthers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table attempt_event (
      made_at timestamptz not null,
      attempt_id uuid not null,
      heard_at timestamptz not null default clock_timestamp(),
      at timestamptz not null,
      said_by text not null,
      state text not null,
      reason jsonb
    ) partition by range (made_at)`);
  await runner.query('create index attempt_event_of_attempt on attempt_event (attempt_id, heard_at)');
  // What is written with every heartbeat, apart from what is not.
  await runner.query(`
    create table attempt_life (
      attempt_id uuid not null,
      made_at timestamptz not null,
      alive_at timestamptz not null,
      log_bytes bigint,
      log_lines bigint,
      output_bytes bigint,
      primary key (attempt_id, made_at)
    ) partition by range (made_at)`);
  // One row for each transaction that changed a group: nobody waits for another's.
  await runner.query(`
    create table group_change (
      position bigint generated always as identity primary key,
      group_id uuid not null
    )`);
  await runner.query(`
    create table parked_report (
      position bigint generated always as identity primary key,
      attempt_id uuid not null,
      report jsonb not null,
      parked_at timestamptz not null default now()
    )`);
}
