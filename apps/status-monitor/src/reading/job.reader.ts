import type { GridJobWithAll, JobAttempt } from '#api';
import { attemptStates, type AttemptState, type JobTemplate } from '#contracts';
import { permanent } from '#errors';
import type { DataSource } from 'typeorm';
import { reproduceCommand } from '../domain/reproduce.js';
import type { Reason, Usage } from '../domain/report.js';
import { attemptFactsOf, jobColumns, jobOf, type JobRow, jobTables } from './job-row.js';

interface WholeRow extends JobRow {
  readonly usage: Usage | null;
  readonly variables: Readonly<Record<string, string>>;
}

interface EventRow {
  readonly attempt_id: string;
  readonly at: Date;
  readonly said_by: string;
  readonly state: string;
  readonly reason: Reason | null;
}

/** Reads one job with its attempts and what was heard of each. */
export class JobReader {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws permanent `job.not_found` */
  async read(jobId: string): Promise<GridJobWithAll> {
    const rows = await this.dataSource.query<WholeRow[]>(
      `select ${jobColumns}, a.usage, j.variables from ${jobTables} where a.job_id = $1 order by a.number`,
      [jobId],
    );
    const latest = rows.at(-1);
    const [group] = await this.dataSource.query<{ name: string; template: JobTemplate }[]>(
      'select name, template from job_group where id = $1',
      [latest?.group_id ?? null],
    );
    if (!latest || !group) throw permanent('job.not_found', `there is no job ${jobId}`, { level: 'info' });
    const events = await this.dataSource.query<EventRow[]>(
      `select attempt_id, at, said_by, state, reason from attempt_event
       where attempt_id = any($1::uuid[]) order by heard_at`,
      [rows.map(({ attempt_id }) => attempt_id)],
    );
    const attempts = rows.map((row) => attemptOf(row, events));
    const { name: groupName, template } = group;
    const reproduce = reproduceCommand(template, latest.variables);
    return { ...jobOf(latest), groupName, variables: { ...latest.variables }, template, attempts, reproduce };
  }
}

const attemptOf = (row: WholeRow, events: readonly EventRow[]): JobAttempt => ({
  id: row.attempt_id,
  number: row.number,
  ...attemptFactsOf(row),
  usage: row.usage ?? undefined,
  timeline: [
    { at: row.queued_at.toISOString(), state: 'queued' as const, saidBy: 'ledger' },
    ...events.filter(({ attempt_id }) => attempt_id === row.attempt_id).flatMap(stepOf),
  ],
});

/** What was heard besides states is told by the attempt's own facts. */
function stepOf({ at, said_by, state, reason }: EventRow): JobAttempt['timeline'] {
  if (!isState(state)) return [];
  const saidBy = said_by === 'monitor' ? 'ledger' : said_by;
  return [{ at: at.toISOString(), state, saidBy, reason: reason ?? undefined }];
}

const isState = (text: string): text is AttemptState => (attemptStates as readonly string[]).includes(text);
