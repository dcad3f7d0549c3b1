import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { changeFields } from '../resources/changed.js';

/**
 * A resource's latest state, as its `<kind>.changed` carries it. Only what every kind has is told here: a copy that
 * cannot read one item, because the registry is newer, can use the others.
 */
const item = z.looseObject({
  kind: z.string().min(1).max(100).describe('kind of resource'),
  ...changeFields,
  spec: z.unknown().optional().describe('as in `<kind>.changed`'),
  secrets: z.unknown().optional().describe('as in `credential.changed`, sealed'),
});

/** Goes to the asking copy's own queue, never to an exchange of events: it carries sealed secrets. */
export const registrySnapshot = defineMessage({
  name: 'registry.snapshot',
  version: 1,
  kind: 'answer',
  saidBy: ['registry'],
  means:
    'A page of the answer to registry.catch_up: the latest state of every resource whose latest revision lies in (after, upTo], removed ones included.',
  schema: z.object({
    request: z.uuid().describe('of the registry.catch_up that it answers'),
    after: z.int().nonnegative(),
    upTo: z.int().nonnegative().describe('who knew everything up to after knows everything up to here now'),
    isLast: z.boolean().describe('whether upTo was the newest revision'),
    isReset: z
      .boolean()
      .describe(
        'whether the copy knew more than there is, so that the registry must have been set back: then the pages, from 0 on, replace what it has',
      ),
    items: z.array(item).describe('in the order of their revisions'),
  }),
  subject: ({ request }) => `snapshot/${request}`,
});
