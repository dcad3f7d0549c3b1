import type { OutboxEntry } from '#database';

/** What all that is said of a group has in common. */
export interface Thread {
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** An attempt as messages name it. */
export interface NamedAttempt {
  readonly groupId: string;
  readonly jobId: string;
  readonly attemptId: string;
  readonly index: number;
  readonly attempt: number;
  readonly project: string;
  readonly backend: string;
}

/** A row of the table `attempt`, as far as messages need it. */
export interface AttemptRow {
  readonly id: string;
  readonly group_id: string;
  readonly job_id: string;
  readonly index: number;
  readonly number: number;
  readonly project: string;
  readonly backend: string;
}

/** The columns of `attempt` that make an `AttemptRow`. */
export const attemptColumns = 'id, group_id, job_id, index, number, project, backend';

/** An attempt by the names that messages have for its columns. */
export const named = (row: AttemptRow): NamedAttempt => ({
  groupId: row.group_id,
  jobId: row.job_id,
  attemptId: row.id,
  index: row.index,
  attempt: row.number,
  project: row.project,
  backend: row.backend,
});

/** A row of the table `job_group`, as far as what is said of it is concerned. */
export interface ThreadRow {
  readonly traceparent: string | null;
  readonly correlation_id: string | null;
}

/** What is said of a group goes on in its trace; `causationId` is the message that it follows from. */
export const threadOf = (group: ThreadRow, causationId?: string): Thread => ({
  correlationId: group.correlation_id ?? undefined,
  traceparent: group.traceparent ?? undefined,
  causationId,
});

/** Words as messages and rows may hold them. */
export const fitting = (words: string): string => words.replaceAll('\0', '').slice(0, 4_000);

export type { OutboxEntry };
