import type { DeliveryState } from '#api';
import type { DataSource } from 'typeorm';
import { columns, type DeliveryRow, fromDeliveryRow, type StoredDelivery } from './delivery-row.js';
import type { SubscriptionEvent } from '../domain/subscription-event.js';

/** A subscription that is not paused. */
export interface ActiveSubscription {
  readonly id: string;
  /** As written. */
  readonly spec: unknown;
}

/** What is to be sent now. */
export interface DueDelivery {
  readonly id: string;
  readonly subscriptionId: string;
  /** The subscription as it is now, as written. */
  readonly subscriptionName: string;
  readonly version: number;
  readonly spec: unknown;
  readonly eventId: string;
  readonly body: string;
  /** This one included. */
  readonly attempts: number;
}

/** What came of an attempt. */
export interface AttemptResult {
  readonly state: DeliveryState;
  /** Milliseconds from now until the next attempt, where there is one. */
  readonly waitMs: number;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly milliseconds: number;
}

/** How much is taken at once, and for how long nobody else takes it. */
export interface ClaimBounds {
  /** What this copy is sending already, by subscription. */
  readonly underWay: ReadonlyMap<string, number>;
  readonly perSubscription: number;
  readonly inAll: number;
  /** Milliseconds after which a copy that took something counts as dead. */
  readonly leaseMs: number;
}

/** How a subscription fares, for the diagnosis and the metrics. */
export interface DeliverySummary {
  readonly subscription: string;
  readonly waiting: number;
  /** Within a day. */
  readonly failed: number;
  readonly lastError: string | null;
  /** Age of the oldest that waits; 0 where none does. */
  readonly oldestSeconds: number;
}

/** Which deliveries of a subscription are listed, page by page. */
export interface DeliveryFilter {
  readonly limit: number;
  /** Positions below this one. */
  readonly before?: number | undefined;
  readonly state?: DeliveryState | undefined;
}

const isActive = `kind = 'subscription' and valid_to is null and not gone
  and not coalesce((spec ->> 'isPaused')::boolean, false)`;

/** Each event once for each subscription that wants it: what is to be sent, and what was. */
export class DeliveryStore {
  constructor(private readonly dataSource: DataSource) {}

  active(): Promise<readonly ActiveSubscription[]> {
    return this.dataSource.query<ActiveSubscription[]>(
      `select id, spec from resource_version where ${isActive}`,
    );
  }

  /** What is there already stays as it is. */
  async add(subscriptionIds: readonly string[], event: SubscriptionEvent): Promise<void> {
    await this.dataSource.query(
      `insert into subscription_delivery (subscription_id, event_id, event_name, event_type, event_time, body)
       select unnest($1::uuid[]), $2, $3, $4, $5, $6 on conflict (subscription_id, event_id) do nothing`,
      [subscriptionIds, event.id, event.name, event.type, event.time, event.body],
    );
  }

  /**
   * Takes what is due, of each subscription no more than its share, so that one with a long list delays no other. What
   * is taken becomes due again when the lease ends: its sender may have died.
   */
  async claim({ underWay, perSubscription, inAll, leaseMs }: ClaimBounds): Promise<readonly DueDelivery[]> {
    const [rows] = await this.dataSource.query<[DueDelivery[], number]>(
      `with subscribed as materialized (
         select id, name, version, spec from resource_version where ${isActive} order by random()
       ), due as (
         select d.id, s.name, s.version, s.spec from subscribed s
         left join unnest($1::uuid[], $2::int[]) as busy (id, under_way) on busy.id = s.id
         cross join lateral (
           select id from subscription_delivery where subscription_id = s.id and state = 'waiting' and next_at <= now()
           order by next_at, position limit greatest(0, $3::int - coalesce(busy.under_way, 0)) for update skip locked
         ) d limit $4
       )
       update subscription_delivery d
       set attempts = d.attempts + 1, next_at = lease.ends, taken_until = lease.ends
       from due, (select now() + $5::float8 * interval '1 millisecond' as ends) lease where d.id = due.id
       returning d.id, d.subscription_id as "subscriptionId", due.name as "subscriptionName", due.version,
         due.spec,          d.event_id as "eventId", d.body, d.attempts`,
      [[...underWay.keys()], [...underWay.values()], perSubscription, inAll, leaseMs],
    );
    return rows;
  }

  /** Writes down what came of an attempt, unless another began since. */
  async finish({ id, attempts }: DueDelivery, result: AttemptResult): Promise<void> {
    const { state, waitMs, status, reason, milliseconds } = result;
    await this.dataSource.query(
      `update subscription_delivery set state = $3, next_at = now() + $4::float8 * interval '1 millisecond',
         taken_until = null, last_at = now(), last_status = $5, last_reason = $6, last_milliseconds = $7,
         finished_at = case when $3 = 'waiting' then null else now() end
       where id = $1 and attempts = $2 and state = 'waiting'`,
      [id, attempts, state, waitMs, status ?? null, reason ?? null, Math.round(milliseconds)],
    );
  }

  /** Of one subscription, the latest first. */
  async list(subscriptionId: string, filter: DeliveryFilter): Promise<readonly StoredDelivery[]> {
    const rows = await this.dataSource.query<DeliveryRow[]>(
      `select ${columns} from subscription_delivery
       where subscription_id = $1 and ($2::bigint is null or position < $2) and ($3::text is null or state = $3)
       order by position desc limit $4`,
      [subscriptionId, filter.before ?? null, filter.state ?? null, filter.limit],
    );
    return rows.map(fromDeliveryRow);
  }

  async find(subscriptionId: string, id: string): Promise<StoredDelivery | undefined> {
    const [row] = await this.dataSource.query<DeliveryRow[]>(
      `select ${columns} from subscription_delivery where subscription_id = $1 and id = $2`,
      [subscriptionId, id],
    );
    return row && fromDeliveryRow(row);
  }

  /** Makes it due now, with all its attempts before it. False where it is being sent at this moment. */
  async replay(id: string): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `update subscription_delivery set state = 'waiting', attempts = 0, next_at = now(), finished_at = null,
         taken_until = null
       where id = $1 and (state <> 'waiting' or taken_until is null or taken_until <= now())`,
      [id],
    );
    return count > 0;
  }

  /** Of each subscription that has any, by its name. */
  summaries(): Promise<readonly DeliverySummary[]> {
    return this.dataSource.query<DeliverySummary[]>(
      `select r.name as subscription, count(*) filter (where d.state = 'waiting')::int as waiting,
         count(*) filter (where d.state = 'failed' and d.finished_at > now() - interval '1 day')::int as failed,
         max(d.last_reason) filter (where d.state = 'failed') as "lastError",
         coalesce(extract(epoch from now() - min(d.created_at) filter (where d.state = 'waiting')), 0)::float8
           as "oldestSeconds"
       from subscription_delivery d join resource_version r on r.id = d.subscription_id
       where r.kind = 'subscription' and r.valid_to is null and not r.gone group by r.name`,
    );
  }

  /** Lets go of what was finished before, and of what belonged to subscriptions that are gone. */
  async sweep(finishedBefore: Date): Promise<void> {
    await this.dataSource.query('delete from subscription_delivery where finished_at < $1', [finishedBefore]);
    await this.dataSource.query(
      `delete from subscription_delivery d where not exists (
         select 1 from resource_version r where r.kind = 'subscription' and r.valid_to is null and not r.gone
           and r.id = d.subscription_id)`,
    );
  }
}
