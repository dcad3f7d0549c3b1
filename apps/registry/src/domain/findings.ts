import type { Finding } from '#api';
import { durationText } from './amounts.js';

/** How a queue of the house stands on the broker. */
export interface QueueState {
  readonly queue: string;
  readonly consumers: number;
  readonly waiting: number;
  readonly dead: number;
}

/** What is known of the publications of one CVMFS repository. */
export interface LaneSummary {
  readonly cvmfsRepository: string;
  /** Waiting, under way or to be tried again. */
  readonly waiting: number;
  readonly retrying: number;
  readonly oldestWait: Date | undefined;
  readonly lastPublished: Date | undefined;
  /** Given up within a day. */
  readonly failed: number;
}

/** Longer than most images take; then somebody should look. */
const longWaitMs = 30 * 60_000;

/** Longer queues mean that its readers do not keep up. */
const longQueue = 1_000;

/** Whether somebody reads a queue, and keeps up with it. */
export function queueFinding({ queue, consumers, waiting }: QueueState): Finding {
  const name = `queue ${queue}`;
  const service = queue.slice(0, queue.indexOf('.'));
  const detail = `${consumers} ${consumers === 1 ? 'copy reads' : 'copies read'} it; ${waiting} messages wait`;
  if (consumers === 0) return { name, ok: false, detail, advice: `start ${service}: no copy of it runs` };
  if (waiting <= longQueue) return { name, ok: true, detail };
  return { name, ok: false, detail, advice: `see the log of ${service}, or start more copies of it` };
}

/** Whether messages lie where nobody handles them. */
export function deadLettersFinding(looks: readonly QueueState[]): Finding {
  const name = 'dead letters';
  const dead = looks.filter((look) => look.dead > 0);
  if (dead.length === 0) return { name, ok: true, detail: 'none' };
  const detail = dead.map((look) => `${look.dead} of ${look.queue}`).join(', ');
  return {
    name,
    ok: false,
    detail,
    advice: 'slipway dead-letters list tells why; mend the cause, then replay or drop them',
  };
}

/** Whether what waits for a CVMFS repository gets there in time. */
export function cvmfsFinding(repository: string, lane: LaneSummary | undefined, now: Date): Finding {
  const name = `CVMFS repository ${repository}`;
  if (!lane) return { name, ok: true, detail: 'nothing was published there yet, and nothing waits' };
  const last = lane.lastPublished
    ? `last published at ${lane.lastPublished.toISOString()}`
    : 'nothing published yet';
  const waited = lane.oldestWait ? now.getTime() - lane.oldestWait.getTime() : 0;
  const waiting =
    lane.waiting === 0
      ? 'nothing waits'
      : `${lane.waiting} not done, ${lane.retrying} of them after a failure, the oldest for ${durationText(waited)}`;
  const failed = lane.failed === 0 ? '' : `; ${lane.failed} failed for good within a day`;
  const detail = `${last}; ${waiting}${failed}`;
  if (waited <= longWaitMs) return { name, ok: true, detail };
  const advice = `slipway publications list --cvmfs-repository ${repository} tells what each waits for; see the publisher's log`;
  return { name, ok: false, detail, advice };
}

/** What is to be sent to a subscription. */
export interface SubscriptionState {
  readonly subscription: string;
  readonly waiting: number;
  /** Given up within a day. */
  readonly failed: number;
  readonly lastError: string | null | undefined;
}

/** Whether receivers take what they are sent. */
export function subscriptionsFinding(states: readonly SubscriptionState[]): Finding {
  const name = 'subscriptions';
  const waiting = states.reduce((sum, state) => sum + state.waiting, 0);
  const failing = states.filter(({ failed }) => failed > 0);
  if (failing.length === 0)
    return {
      name,
      ok: true,
      detail: waiting === 1 ? 'one event waits to be sent' : `${waiting} events wait to be sent`,
    };
  const told = failing.map((one) => `${one.failed} of ${one.subscription} (${one.lastError ?? 'no reason'})`);
  const detail = `events given up within a day: ${told.join(', ')}; ${waiting} wait`;
  return {
    name,
    ok: false,
    detail,
    advice: 'ask who owns the receivers, correct the URL, or pause the subscription',
  };
}

/** Its inner reason may hold addresses: the log has it. */
export const brokenPart = (name: string, code: string, advice: string): Finding => ({
  name,
  ok: false,
  detail: `cannot be looked at: ${code}`,
  advice,
});
