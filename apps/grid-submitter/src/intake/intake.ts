import type { HandlerContext } from '#bus';
import { databaseError } from '#database';
import { judge, type Known } from '#grid';
import { MicroBatch } from '#service';
import type { WantedGroup } from '../domain/wanted-group.js';
import type { CancelStore, CancelWish } from '../storage/cancel.store.js';
import type { GroupStore } from '../storage/group.store.js';
import type { Outcome, OutcomeStore } from '../storage/outcome.store.js';
import type { RetryStore, RetryWish } from '../storage/retry.store.js';
import { OneAfterAnother } from './one-after-another.js';

/** What of a message's envelope the work needs. */
export type Envelope = Pick<HandlerContext, 'id' | 'correlationId' | 'traceparent'>;

/** Where messages are written down, and who is woken by what they change. */
export interface IntakeParts {
  readonly groups: GroupStore;
  readonly cancels: CancelStore;
  readonly retries: RetryStore;
  readonly outcomes: OutcomeStore;
  readonly known: Known;
  readonly log: { info(fields: object, text: string): void };
  /** A new group is in the database. */
  readonly accepted: () => void;
  /** What is wanted of a known group is in the database. */
  readonly changed: () => void;
  /** A place became free. */
  readonly freed: () => void;
}

/** Turns messages into rows; bears every message twice. Those of one group are handled in their order. */
export class Intake {
  private readonly ofGroup = new OneAfterAnother();
  private readonly ends: MicroBatch<Outcome>;

  constructor(private readonly parts: IntakeParts) {
    this.ends = new MicroBatch((outcomes) => parts.outcomes.write(outcomes));
  }

  /** Accepts or refuses a group, once. */
  submit(group: WantedGroup, envelope: Envelope): Promise<void> {
    const work = async (): Promise<void> => {
      const { groups, known, log } = this.parts;
      const { id, correlationId = id, traceparent } = envelope;
      const thread = { correlationId, causationId: id, traceparent };
      const verdict = judge(group, known);
      const about = { group: group.groupId, project: group.project, jobs: group.items.length };
      // What it was told the first time stands, whatever has been changed since.
      if (verdict.accepted) {
        if (!(await groups.accept(group, verdict, thread))) return;
        log.info({ ...about, backend: verdict.backend, identity: verdict.identity }, 'a group was accepted');
      } else {
        if (!(await groups.refuse(group, verdict, thread))) return;
        log.info({ ...about, code: verdict.code, reason: verdict.reason }, 'a group was refused');
      }
    };
    return this.of(group.groupId, work, this.parts.accepted);
  }

  /** @throws temporary `group.unknown` while its group has not come */
  cancel(wish: CancelWish, { id }: Envelope): Promise<void> {
    return this.of(wish.groupId, () => this.parts.cancels.cancel(wish, id), this.parts.changed);
  }

  /** @throws temporary `group.unknown` while its group has not come */
  retry(wish: RetryWish, { id }: Envelope): Promise<void> {
    return this.of(wish.groupId, () => this.parts.retries.retry(wish, id), this.parts.changed);
  }

  /** The ledger says that an attempt has ended. */
  async ended(outcome: Outcome): Promise<void> {
    await this.ends.add(outcome).catch(asAppError);
    this.parts.freed();
  }

  private async of(groupId: string, work: () => Promise<void>, written: () => void): Promise<void> {
    await this.ofGroup.run(groupId, work).catch(asAppError);
    written();
  }
}

function asAppError(thrown: unknown): never {
  throw databaseError(thrown) ?? thrown;
}
