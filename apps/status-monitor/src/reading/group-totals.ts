import type { JobGroup, JobGroupWithAll } from '#api';
import type { DataSource } from 'typeorm';

interface TotalsRow {
  readonly log_bytes: string | null;
  readonly log_lines: string | null;
  readonly output_bytes: string | null;
  readonly cpu_seconds: number | null;
  readonly output_of_succeeded: string | null;
  readonly succeeded: number;
  readonly over: number;
  readonly first_start: Date | null;
}

/** What a group's jobs came to so far, and what they may come to. */
export async function groupTotalsOf(
  dataSource: DataSource,
  { id, jobs, state }: JobGroup,
): Promise<JobGroupWithAll['totals']> {
  const [row] = await dataSource.query<TotalsRow[]>(
    `select sum(l.log_bytes) as log_bytes, sum(l.log_lines) as log_lines, sum(l.output_bytes) as output_bytes,
       sum((a.usage->>'cpuSeconds')::float8) as cpu_seconds,
       sum(l.output_bytes) filter (where a.state = 'succeeded') as output_of_succeeded,
       count(*) filter (where a.state = 'succeeded')::int as succeeded,
       count(*) filter (where a.ended_at is not null)::int as over, min(a.started_at) as first_start
     from attempt a left join attempt_life l on l.attempt_id = a.id and l.made_at = a.made_at
     where a.group_id = $1 and a.is_latest`,
    [id],
  );
  const outputs = Number(row?.output_of_succeeded ?? 0);
  return {
    logBytes: Number(row?.log_bytes ?? 0),
    logLines: Number(row?.log_lines ?? 0),
    outputBytes: Number(row?.output_bytes ?? 0),
    cpuSeconds: row?.cpu_seconds ?? undefined,
    estimatedOutputBytes: row && row.succeeded > 0 ? Math.round((outputs / row.succeeded) * jobs) : undefined,
    estimatedEnd: row && state === 'active' ? estimatedEnd(row, jobs, new Date()) : undefined,
  };
}

/** When the rest will be over, at the pace since the first job began. */
function estimatedEnd({ over, first_start }: TotalsRow, jobs: number, now: Date): string | undefined {
  if (over === 0 || over >= jobs || !first_start) return undefined;
  const perJob = Math.max(1, now.getTime() - first_start.getTime()) / over;
  return new Date(now.getTime() + perJob * (jobs - over)).toISOString();
}
