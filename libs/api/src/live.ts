import { z } from 'zod';
import { pageQuery } from './page.js';

/** Which events to follow. */
export const eventsQuery = z.object({
  types: z
    .string()
    .max(2_000)
    .regex(
      /^[a-z_*#]+(?:\.[a-z_*#]+)*(?:,[a-z_*#]+(?:\.[a-z_*#]+)*)*$/,
      'expected names such as image.published or image.*, with commas between',
    )
    .default('#')
    .describe('names as in the list of messages, with commas between; * is one word, # any number of words'),
});

/** The query of `GET /events`, server-sent events: patterns as of topic exchanges. */
export type EventsQuery = z.output<typeof eventsQuery>;

/** What stands under `data:` of each event. */
const liveEvent = z
  .object({
    id: z.string(),
    type: z.string().describe('CloudEvents type, e.g. org.slipway.image.published.v1'),
    subject: z.string().optional(),
    time: z.string(),
    data: z.unknown().describe('as the list of messages says; nothing that is sealed'),
  })
  .meta({ id: 'Event', description: 'an event as it happens' });

/** An event of `GET /events` as the page reads it; its `id` is what `Last-Event-ID` goes on from. */
export type LiveEvent = z.output<typeof liveEvent>;

/** A message that a service gave up. */
export const deadLetter = z
  .object({
    id: z.string(),
    queue: z.string().describe('the queue that gave it up'),
    type: z.string().optional(),
    subject: z.string().optional(),
    source: z.string().optional().describe('who said it'),
    reason: z
      .string()
      .describe('permanent, exhausted, crashed, invalid, undecodable, unknown_type, delivery_limit, …'),
    code: z.string().optional().describe('of the error that decided'),
    message: z.string().optional().describe('the error’s words'),
    attempt: z.int(),
    at: z.string().optional().describe('when it was given up'),
    correlationId: z.string().optional(),
    exchange: z.string(),
    routingKey: z.string(),
    bytes: z.int().nonnegative(),
  })
  .meta({ id: 'DeadLetter', description: 'a message that a service gave up' });

/** A line of `GET /dead-letters`; `queue` and `id` together are its address. */
export type DeadLetter = z.output<typeof deadLetter>;

/** What `GET /dead-letters/:queue/:id` answers, for somebody who decides to replay or drop it. */
export const deadLetterWithPayload = deadLetter
  .extend({
    payload: z.unknown().describe('nothing that is sealed'),
    headers: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'DeadLetterWithPayload', description: 'a dead letter with what it says' });

/** A whole dead letter, sealed fields left out of its payload. */
export type DeadLetterWithPayload = z.output<typeof deadLetterWithPayload>;

/** What `GET /dead-letters` takes; admins alone may ask. */
export const deadLettersQuery = pageQuery.extend({
  queue: z.string().min(1).max(255).optional().describe('of this queue alone'),
});

/** The same, checked: by it the dead letters are looked through, queue by queue, the oldest first. */
export type DeadLettersQuery = z.output<typeof deadLettersQuery>;

/** What was found of one part that the registry needs or knows. */
export const finding = z
  .object({
    name: z.string(),
    ok: z.boolean(),
    detail: z.string().describe('what was found'),
    advice: z.string().optional().describe('what to do'),
  })
  .meta({ id: 'Finding', description: 'what was found of one part' });

/** A line of the diagnosis; `slipway doctor` adds lines of its own about the machine. */
export type Finding = z.output<typeof finding>;

/** What `GET /diagnosis` answers: each part that the registry tried, or heard of, good or bad. */
export const diagnosis = z
  .object({ items: z.array(finding) })
  .meta({ id: 'Diagnosis', description: 'what is well and what is not' });

/** All findings in the order in which they are shown. */
export type Diagnosis = z.output<typeof diagnosis>;
