import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { defineMessage, type Queue } from '#contracts';
import { waitFor } from '#lab';
import { connect, type ChannelModel, type GetMessage } from 'amqplib';
import type { BusLogger } from '../src/options.js';
import type { House } from '../src/topology.js';

const payload = z.object({ number: z.int(), note: z.string().max(100_000).default('') });

/** An event that the warehouse's queue hears: what most tests publish, and their handlers are given. */
export const ordered = defineMessage({
  name: 'shop.ordered',
  version: 1,
  kind: 'event',
  saidBy: ['shop'],
  means: 'Somebody ordered something.',
  schema: payload,
  subject: (order) => `order/${order.number}`,
});

/** An event that no queue hears: what a copy must not be given that listens for others. */
export const cancelled = defineMessage({
  name: 'shop.cancelled',
  version: 1,
  kind: 'event',
  saidBy: ['shop'],
  means: 'An order is off.',
  schema: payload,
  subject: (order) => `order/${order.number}`,
});

/** The one command: it has an owner, the warehouse, and lies in the same queue as the events. */
export const ship = defineMessage({
  name: 'shop.ship',
  version: 1,
  kind: 'command',
  saidBy: ['shop'],
  means: 'Send it.',
  schema: payload,
  subject: (order) => `order/${order.number}`,
});

/** What the shop tells one copy of the warehouse. */
export const priced = defineMessage({
  name: 'shop.priced',
  version: 1,
  kind: 'answer',
  saidBy: ['shop'],
  means: 'What it costs.',
  schema: payload,
  subject: (order) => `order/${order.number}`,
});

/** Nobody in the house hears this one. */
export const browsed = defineMessage({
  name: 'shop.browsed',
  version: 1,
  kind: 'event',
  saidBy: ['shop'],
  means: 'Somebody looked at something.',
  schema: payload,
  subject: (order) => `order/${order.number}`,
});

/** The one queue. Who consumes it has a handler for each message that it hears. */
export const orders: Queue = { name: 'warehouse.orders', service: 'warehouse', hears: [ordered, ship] };

/** What the bus's tests connect with: one queue, one listener, retry delays of milliseconds in place of minutes. */
export const house: House = {
  messages: [ordered, cancelled, ship, browsed, priced],
  queues: [orders],
  listeners: [{ service: 'warehouse', keys: ['shop.#'] }],
  deadLetterKeepers: ['office'],
  delays: { '10s': 100, '1m': 300, '10m': 600, '1h': 900 },
  queueBytes: 64 * 1024 * 1024,
};

/** Lines that the bus logged, for tests that expect one. */
export function rememberingLogger(): BusLogger & { readonly lines: string[] } {
  const lines: string[] = [];
  const note = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return { lines, debug: note, info: note, warn: note, error: note };
}

/** A plain connection beside the bus, to see and to do what the bus must not know of. */
export async function outsider(url: string): Promise<ChannelModel> {
  const model = await connect(url);
  model.on('error', () => {});
  return model;
}

/** Takes a message out of a queue as soon as there is one. */
export async function take(model: ChannelModel, queue: string): Promise<GetMessage> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    return await waitFor(
      async () => {
        const message = await channel.get(queue, { noAck: true });
        return message === false ? undefined : message;
      },
      { what: `a message in ${queue}` },
    );
  } finally {
    await channel.close();
  }
}

/** Messages ready in a queue now. */
export async function depth(model: ChannelModel, queue: string): Promise<number> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  const { messageCount } = await channel.checkQueue(queue);
  await channel.close();
  return messageCount;
}

/** For what must not happen: time enough that it would have. */
export const longEnough = (): Promise<void> => pause(1500);
