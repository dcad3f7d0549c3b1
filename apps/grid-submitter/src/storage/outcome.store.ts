import type { DataSource } from 'typeorm';

/** How the ledger says that an attempt ended. Words of attempts that are not ours change nothing. */
export interface Outcome {
  readonly attemptId: string;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'lost';
}

/** Writes down what the ledger says of attempts' ends: each frees a place. */
export class OutcomeStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Attempts that are not known, or have ended before, are left as they are. One that is being submitted stays so until
   * its submission is recorded.
   */
  async write(outcomes: readonly Outcome[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // In the order in which everybody locks attempts.
      await manager.query(
        `select 1 from attempt where id = any($1) and state <> 'ended' order by group_id, index, number for update`,
        [outcomes.map(({ attemptId }) => attemptId)],
      );
      await manager.query(
        `update attempt set outcome = said.outcome, cancel_due_at = null,
           state = case when state = 'submitting' then 'submitting' else 'ended' end, ended_at = now()
         from jsonb_to_recordset($1::jsonb) as said ("attemptId" uuid, outcome text)
         where id = said."attemptId" and state <> 'ended'`,
        [JSON.stringify(outcomes)],
      );
    });
  }
}
