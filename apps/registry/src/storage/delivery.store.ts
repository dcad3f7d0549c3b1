import type { DataSource } from 'typeorm';

/** One event for one subscription. */
export interface Delivery {
  readonly subscription: string;
  readonly eventId: string;
  /** What is sent, byte for byte the same at each attempt. */
  readonly body: string;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface DeliverySummary {
  readonly subscription: string;
  readonly waiting: number;
  readonly failed: number;
  readonly lastError: string | undefined;
}

/** What is to be sent to subscriptions. */
export class DeliveryStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Bears the same event twice. */
  async add(subscriptions: readonly string[], eventId: string, body: string): Promise<void> {
    if (subscriptions.length === 0) return;
    await this.dataSource.query(
      `insert into delivery (subscription, event_id, body) select unnest($1::text[]), $2, $3
       on conflict (subscription, event_id) do nothing`,
      [subscriptions, eventId, body],
    );
  }

  /**
   * Takes what is due: at most `each` of one subscription, none of those named. Who takes it has `holdSeconds` to say what
   * became of it; then it is anybody's again.
   */
  async take(each: number, busy: readonly string[], holdSeconds: number): Promise<readonly Delivery[]> {
    const [rows] = await this.dataSource.query<[DeliveryRow[], number]>(
      `update delivery d set attempt = d.attempt + 1, next_attempt_at = now() + make_interval(secs => $3)
       from (select distinct subscription from delivery
             where state = 'waiting' and next_attempt_at <= now() and subscription <> all($2)) s,
         lateral (select event_id from delivery where subscription = s.subscription and state = 'waiting'
             and next_attempt_at <= now() order by next_attempt_at, created_at limit $1 for update skip locked) due
       where d.subscription = s.subscription and d.event_id = due.event_id and d.state = 'waiting'
       returning d.subscription, d.event_id, d.body, d.attempt`,
      [each, busy, holdSeconds],
    );
    return rows.map((row) => ({
      subscription: row.subscription,
      eventId: row.event_id,
      body: row.body,
      attempt: row.attempt,
    }));
  }

  async delivered({ subscription, eventId }: Delivery): Promise<void> {
    await this.dataSource.query(
      `update delivery set state = 'delivered', ended_at = now(), last_error = null
       where subscription = $1 and event_id = $2`,
      [subscription, eventId],
    );
  }

  /** Tried again after that many seconds; given up without them. */
  async failed({ subscription, eventId }: Delivery, error: string, again: number | undefined): Promise<void> {
    await this.dataSource.query(
      `update delivery set last_error = $3, state = case when $4::float is null then 'failed' else 'waiting' end,
         ended_at = case when $4::float is null then now() end,
         next_attempt_at = now() + make_interval(secs => coalesce($4::float, 0))
       where subscription = $1 and event_id = $2`,
      [subscription, eventId, error.slice(0, 1_000), again ?? null],
    );
  }

  /** What waits for a subscription that is gone or paused is nobody's. */
  async forget(subscription: string): Promise<void> {
    await this.dataSource.query(`delete from delivery where subscription = $1 and state = 'waiting'`, [
      subscription,
    ]);
  }

  /** Kept for a week, so that an event that comes twice is known. */
  async purge(): Promise<void> {
    await this.dataSource.query(`delete from delivery where ended_at < now() - interval '7 days'`);
  }

  async summaries(): Promise<readonly DeliverySummary[]> {
    const rows = await this.dataSource.query<SummaryRow[]>(
      `select subscription, count(*) filter (where state = 'waiting')::int as waiting,
         count(*) filter (where state = 'failed' and ended_at > now() - interval '1 day')::int as failed,
         max(last_error) filter (where state <> 'delivered') as last_error
       from delivery group by subscription`,
    );
    return rows.map(({ last_error, ...row }) => ({ ...row, lastError: last_error ?? undefined }));
  }
}

interface DeliveryRow {
  readonly subscription: string;
  readonly event_id: string;
  readonly body: string;
  readonly attempt: number;
}

interface SummaryRow {
  readonly subscription: string;
  readonly waiting: number;
  readonly failed: number;
  readonly last_error: string | null;
}
