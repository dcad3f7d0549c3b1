import { z } from 'zod';
import { pageQuery } from './page.js';

/** How far an event is on its way to a subscription's receiver. */
export const deliveryStates = ['waiting', 'delivered', 'failed'] as const;

/** Waiting, delivered or failed: the label of the metrics too. */
export type DeliveryState = (typeof deliveryStates)[number];

/** One event on its way to one subscription's receiver. */
export const delivery = z
  .object({
    id: z.uuid(),
    event: z.object({
      id: z.string().describe('what the receiver gets as webhook-id, the same with each attempt'),
      name: z.string(),
      type: z.string(),
      time: z.iso.datetime(),
    }),
    state: z
      .enum(deliveryStates)
      .describe('waiting: for its first attempt or the next one; failed: given up, until it is replayed'),
    attempts: z.int().nonnegative().describe('since it was heard, or replayed'),
    createdAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().optional().describe('while it waits'),
    finishedAt: z.iso.datetime().optional(),
    lastAnswer: z
      .object({
        at: z.iso.datetime(),
        status: z.int().optional().describe('the HTTP status; absent where there was no answer'),
        reason: z.string().optional().describe('why it does not count as delivered'),
        milliseconds: z.int().nonnegative(),
      })
      .optional()
      .describe('what came of the last attempt'),
  })
  .meta({ id: 'Delivery', description: "one event on its way to one subscription's receiver" });

/** A line of a subscription's page; `id` is what one replays, `event.id` what the receiver knows. */
export type Delivery = z.output<typeof delivery>;

/** What `GET /subscriptions/:name/deliveries` takes. */
export const deliveryQuery = pageQuery.extend({
  state: z.enum(deliveryStates).optional().describe('in this state'),
});

/** The same, checked: by it the store reads one page of deliveries. */
export type DeliveryQuery = z.output<typeof deliveryQuery>;

/** What the receiver of a test event answered. */
export const deliveryTest = z
  .object({
    eventId: z.string().describe('the webhook-id that was sent'),
    isDelivered: z.boolean().describe('whether the receiver took it'),
    status: z.int().optional().describe('the HTTP status; absent where there was no answer'),
    reason: z.string().optional().describe('why it does not count as delivered'),
    said: z.string().optional().describe("the beginning of the answer's text"),
    milliseconds: z.int().nonnegative(),
  })
  .meta({ id: 'DeliveryTest', description: 'what the receiver of a test event answered' });

/** What `POST /subscriptions/:name/test` answers, once the receiver has or its time is over. */
export type DeliveryTest = z.output<typeof deliveryTest>;
