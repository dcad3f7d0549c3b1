import { setTimeout as delay } from 'node:timers/promises';
import { standardSignature } from './signatures.js';

/** Whom they send to, with which signing key, and how fast. */
export interface SenderOptions {
  /** Where the relay is now; it may be another one after a crash. */
  readonly relayUrl: () => string;
  readonly secret: string;
  readonly workers: number;
  /** Between a worker’s deliveries, in milliseconds. */
  readonly pauseMs: number;
}

/** Senders that do as real ones: each delivery has a key, and is sent again, the same, until it is answered 2xx. */
export interface PersistentSender {
  /** Keys of the deliveries that were answered 2xx. */
  readonly accepted: ReadonlySet<string>;
  /** How often each status was answered; 0 where no answer came at all. */
  readonly statuses: ReadonlyMap<number, number>;
  /** When each 2xx came, in milliseconds since the epoch. */
  readonly acceptedAt: readonly number[];
  /** The 503s that had no Retry-After. */
  readonly rude: () => number;
  /** No new deliveries; resolves when those begun are accepted. */
  finish(): Promise<void>;
}

/** The source is called `generic`, of kind standard-webhooks. Workers send one delivery after the other. */
export function startSender({ relayUrl, secret, workers, pauseMs }: SenderOptions): PersistentSender {
  const accepted = new Set<string>();
  const acceptedAt: number[] = [];
  const statuses = new Map<number, number>();
  const stop = new AbortController();
  let made = 0;
  let rude = 0;
  const sendOnce = async (key: string): Promise<number> => {
    const body = JSON.stringify({ type: 'tick', data: { key } });
    try {
      const response = await fetch(`${relayUrl()}/hooks/generic`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...standardSignature(secret, key, body) },
        signal: AbortSignal.timeout(15_000),
      });
      await response.arrayBuffer();
      if (response.status === 503 && !response.headers.has('retry-after')) rude += 1;
      return response.status;
    } catch {
      return 0;
    }
  };
  const work = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const key = `delivery-${made++}`;
      for (;;) {
        const status = await sendOnce(key);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 202) break;
        await delay(100);
      }
      accepted.add(key);
      acceptedAt.push(Date.now());
      await delay(pauseMs);
    }
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return {
    accepted,
    acceptedAt,
    statuses,
    rude: () => rude,
    finish: async () => {
      stop.abort();
      await working;
    },
  };
}
