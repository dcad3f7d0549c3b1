import { z } from 'zod';
import { defineMessage } from '../define-message.js';

/** Said by the relay for sources of the kind standard-webhooks; for subscriptions. */
export const webhookReceived = defineMessage({
  name: 'webhook.received',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means:
    'A sender that speaks Standard Webhooks said something that Slipway gives no meaning to, so that others can.',
  schema: z.object({
    source: z.string().max(100).describe('name of the webhook source that said it'),
    type: z.string().max(255).describe('the payload’s own type; `unknown` where it names none'),
    timestamp: z.iso.datetime({ offset: true }).describe('when, in the sender’s words'),
    data: z.unknown().describe('the payload’s data, as it came'),
  }),
  subject: (event) => `${event.source}/${event.type}`,
});
