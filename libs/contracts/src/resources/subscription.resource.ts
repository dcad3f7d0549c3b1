import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { webAddress } from '../model/web-address.js';
import { defineResource } from './define-resource.js';
import { projectOf } from './project-of.js';

const schema = z
  .strictObject({
    name: resourceName,
    events: z
      .array(
        z
          .string()
          .regex(/^(?:[a-z_*#]+)(?:\.[a-z_*#]+)*$/, 'expected a name such as image.published or image.*'),
      )
      .min(1, 'expected at least one event')
      .describe('which events: names as in the list of messages; * is one word, # any number of words'),
    url: webAddress.describe('where each event is sent to, signed as Standard Webhooks says'),
    credential: resourceName.describe('the webhook-secret that signs'),
    project: resourceName
      .optional()
      .describe(
        'the project whose owners may change it, and whose events alone it hears; absent: of the house, hears all',
      ),
    isPaused: z.boolean().default(false).describe('whether nothing is sent for now'),
  })
  .describe('a subscription');

/** To whom the registry sends which events; the secret that signs them is the credential's. */
export type SubscriptionSettings = z.output<typeof schema>;

/** Who else is told of events, by webhook. */
export const subscriptionResource = defineResource({
  kind: 'subscription',
  plural: 'subscriptions',
  section: 'subscriptions',
  title: 'subscription',
  means: 'Who else is told of events, by webhook.',
  schema,
  nameOf: ({ name }) => name,
  projectOf: ({ project }) => project,
  references: ({ credential, project }) => [
    { kind: 'credential', name: credential, path: ['credential'] },
    ...projectOf(project),
  ],
});
