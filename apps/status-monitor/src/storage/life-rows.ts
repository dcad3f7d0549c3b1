import type { DataSource } from 'typeorm';

/** A sign of life of an attempt, and how much it has left behind by now. */
export interface Life {
  readonly attemptId: string;
  readonly madeAt: Date;
  readonly aliveAt: Date;
  readonly logBytes?: number | undefined;
  readonly logLines?: number | undefined;
  readonly outputBytes?: number | undefined;
}

/** Writes signs of life, one for each attempt. Nothing ever becomes less. */
export async function writeLives(dataSource: DataSource, lives: readonly Life[]): Promise<void> {
  if (lives.length === 0) return;
  const sorted = [...lives].sort((a, b) => (a.attemptId < b.attemptId ? -1 : 1));
  await dataSource.query(
    `insert into attempt_life as l (attempt_id, made_at, alive_at, log_bytes, log_lines, output_bytes)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[])
     on conflict (attempt_id, made_at) do update set
       alive_at = greatest(l.alive_at, excluded.alive_at), log_bytes = greatest(l.log_bytes, excluded.log_bytes),
       log_lines = greatest(l.log_lines, excluded.log_lines),
       output_bytes = greatest(l.output_bytes, excluded.output_bytes)`,
    [
      sorted.map(({ attemptId }) => attemptId),
      sorted.map(({ madeAt }) => madeAt),
      sorted.map(({ aliveAt }) => aliveAt),
      sorted.map(({ logBytes }) => logBytes ?? null),
      sorted.map(({ logLines }) => logLines ?? null),
      sorted.map(({ outputBytes }) => outputBytes ?? null),
    ],
  );
}
