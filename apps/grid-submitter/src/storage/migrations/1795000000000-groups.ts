import { createOutbox } from '#database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Groups, their attempts, and the submissions that attempts go in. */
export class Groups1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table job_group (
        id uuid primary key,
        position bigint generated always as identity,
        state text not null check (state in ('accepted', 'refused')),
        name text not null,
        project text not null,
        backend text,
        identity text,
        user_name text,
        template jsonb,
        running_at_once int,
        priority int not null default 0,
        due_at timestamptz,
        traceparent text,
        correlation_id text,
        accepted_at timestamptz not null default now()
      )`);
    // What has something to submit, and from when: few of all the groups there are.
    await runner.query(`create index job_group_due on job_group (backend) where due_at is not null`);
    await runner.query(`create index job_group_age on job_group (accepted_at)`);
    await runner.query(`
      create table submission (
        id uuid primary key,
        group_id uuid not null references job_group on delete cascade,
        backend text not null,
        state text not null check (state in ('submitting', 'uncertain', 'done')),
        running_at_once int,
        holder uuid not null,
        lease_until timestamptz not null,
        started_at timestamptz not null default now(),
        cut_off_at timestamptz,
        words text
      )`);
    await runner.query(`create index submission_open on submission (lease_until) where state <> 'done'`);
    await runner.query(`
      create table attempt (
        id uuid primary key,
        group_id uuid not null references job_group on delete cascade,
        job_id uuid not null,
        index int not null,
        number int not null,
        project text not null,
        backend text not null,
        item jsonb not null,
        state text not null check (state in ('queued', 'submitting', 'submitted', 'ended')),
        outcome text check (outcome in ('refused', 'withdrawn', 'succeeded', 'failed', 'cancelled', 'lost')),
        submission_id uuid references submission on delete set null,
        place int,
        batch_id text,
        words text,
        cancel jsonb,
        cancel_due_at timestamptz,
        unwanted boolean not null default false,
        not_before timestamptz not null default now(),
        ended_at timestamptz,
        unique (group_id, index, number)
      )`);
    await runner.query(`create index attempt_queued on attempt (group_id, index) where state = 'queued'`);
    await runner.query(
      `create index attempt_in_flight on attempt (backend, project, group_id) where state in ('submitting', 'submitted')`,
    );
    await runner.query(`create index attempt_submission on attempt (submission_id) where state <> 'ended'`);
    await runner.query(
      `create index attempt_cancel on attempt (cancel_due_at) where cancel_due_at is not null`,
    );
    await runner.query(`
      create table turn (
        backend text not null,
        project text not null,
        last_at timestamptz not null,
        primary key (backend, project)
      )`);
    await runner.query(`
      create table back_off (
        backend text primary key,
        until timestamptz not null,
        failures int not null,
        words text not null
      )`);
    await createOutbox(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox, back_off, turn, attempt, submission, job_group');
  }
}
