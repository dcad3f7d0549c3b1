import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '#errors';
import { isProblem } from './problem-error.js';
import type { RegistryClient } from './registry.client.js';
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.js';

/** An event as `GET /events` tells it. */
export interface RegistryEvent {
  readonly id: string;
  /** Such as `image.published`. */
  readonly name: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is heard of `GET /events` and what is done about it; no types are all of them, `signal` ends it. */
export interface Listening {
  readonly types: readonly string[];
  readonly signal: AbortSignal;
  /** Called with each event, in order; `false` ends it. */
  hear(event: RegistryEvent): boolean | void | Promise<boolean | void>;
  /** Asked once the connection stands: whether there is nothing to wait for any more. */
  until?(): boolean;
  /** Called when the connection stands. */
  onOpen?(): void | Promise<void>;
  /** Called when it broke and will be made again. */
  onBreak?(reason: string): void;
}

const longestWaitMs = 15_000;

/**
 * Hears events until the signal ends it; a connection that breaks is made again, and goes on after the last event heard.
 * Throws what the registry refuses; what cannot be reached is tried again once it has answered before.
 */
export async function listen(registry: RegistryClient, listening: Listening): Promise<void> {
  const { signal, types } = listening;
  let last: string | undefined;
  let wait = 250;
  let hasOpened = false;
  while (!signal.aborted) {
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(last === undefined ? {} : { 'last-event-id': last }),
      };
      const response = await registry.stream(
        '/events',
        { types: types.length === 0 ? undefined : types.join(',') },
        headers,
      );
      hasOpened = true;
      wait = 250;
      await listening.onOpen?.();
      if (listening.until?.() === true) {
        await response.body?.cancel();
        return;
      }
      for await (const told of serverSentEvents(response)) {
        const event = eventOf(told);
        last = event.id === '' ? last : event.id;
        if (event.name === 'gap') {
          listening.onBreak?.('some events were missed');
          continue;
        }
        if ((await listening.hear(event)) === false) return;
      }
      if (!signal.aborted) listening.onBreak?.('the registry ended the connection');
    } catch (error) {
      if (signal.aborted) return;
      if (!hasOpened || (isProblem(error) && error.status < 500)) throw error;
      listening.onBreak?.(toAppError(error).message);
    }
    await delay(wait, undefined, { signal }).catch(() => {});
    wait = Math.min(longestWaitMs, wait * 2);
  }
}

function eventOf({ id, event, data }: ServerSentEvent): RegistryEvent {
  const value = JSON.parse(data) as Partial<RegistryEvent> & { readonly type?: string };
  return {
    id: id || (value.id ?? ''),
    name: event || (value.type ?? ''),
    subject: value.subject ?? '',
    time: value.time ?? '',
    data: value.data ?? {},
  };
}
