import { createOutbox } from '#database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** CI jobs, the groups of grid jobs that they become, and what GitLab is to have of their traces. */
export class CiJobs1830000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createOutbox(runner);
    await runner.query(`
      create table ci_job (
        id uuid primary key,
        gitlab text not null,
        gitlab_url text not null,
        runner text not null,
        project text,
        ci_job_id bigint not null,
        phase text not null default 'received'
          check (phase in ('received', 'working', 'delivering', 'finishing', 'over')),
        fields jsonb not null,
        sealed text,
        plan text,
        stop text check (stop in ('cancel', 'stop')),
        is_cancel_asked boolean not null default false,
        ending jsonb,
        trace_bytes bigint not null default 0,
        trace_crc bigint not null default 0,
        trace_acked bigint not null default 0,
        is_trace_cut boolean not null default false,
        is_trace_closed boolean not null default false,
        log_attempt int not null default 0,
        log_offset bigint not null default 0,
        holder uuid,
        lease_until timestamptz not null default '-infinity',
        traceparent text,
        received_at timestamptz not null default now(),
        finishing_at timestamptz,
        over_at timestamptz
      )`);
    // Those that somebody looks after are few of all that there were.
    await runner.query(`create index ci_job_open on ci_job (lease_until) where phase <> 'over'`);
    await runner.query(`create index ci_job_of_runner on ci_job (runner) where phase <> 'over'`);
    await runner.query(`create index ci_job_over on ci_job (over_at) where phase = 'over'`);
    await runner.query(
      `create unique index ci_job_once on ci_job (gitlab_url, ci_job_id) where phase <> 'over'`,
    );
    await runner.query(`
      create table stage (
        group_id uuid primary key,
        ci_job uuid not null references ci_job on delete cascade,
        name text not null,
        jobs int not null,
        news jsonb not null default '{}',
        unique (ci_job, name)
      )`);
    await runner.query(`
      create table trace_piece (
        ci_job uuid not null references ci_job on delete cascade,
        at bigint not null,
        bytes bytea not null,
        primary key (ci_job, at)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['trace_piece', 'stage', 'ci_job', 'outbox'])
      await runner.query(`drop table ${table}`);
  }
}
