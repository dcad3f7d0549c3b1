import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What GitLab is to show at commits, and what it is known to show. */
export class CommitStatuses1830000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table commit_status (
        work uuid primary key,
        seq bigint generated always as identity,
        gitlab text not null,
        gitlab_project text not null,
        sha text not null,
        ref text,
        name text not null,
        pipeline_id bigint,
        group_id uuid,
        state text not null check (state in ('pending', 'running', 'success', 'failed', 'canceled')),
        said_at timestamptz not null,
        description text,
        target_url text,
        version int not null default 1,
        told text,
        is_open boolean not null default true,
        open_since timestamptz not null default clock_timestamp(),
        tries int not null default 0,
        due_at timestamptz not null,
        lease uuid,
        lease_until timestamptz not null default '-infinity',
        problem text,
        traceparent text
      )`);
    await runner.query(`create index commit_status_due on commit_status (due_at) where is_open`);
    await runner.query(
      `create index commit_status_place on commit_status (gitlab, gitlab_project, sha, name, seq)`,
    );
    await runner.query(`create index commit_status_old on commit_status (said_at) where not is_open`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table commit_status');
  }
}
