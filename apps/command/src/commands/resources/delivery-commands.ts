import type { DeliveryState } from '#api';
import type { ArgumentDefinition, CommandDefinition } from '../../command-definition.js';

/** The states of the API, without the schemas that take their time to load. */
const states = ['waiting', 'delivered', 'failed'] as const satisfies readonly DeliveryState[];

const name: ArgumentDefinition = {
  name: 'name',
  means: 'of the subscription',
  values: { from: 'names', of: 'subscriptions' },
};

const deliveriesCommand: CommandDefinition = {
  name: 'deliveries',
  means: 'show what was sent to one, and what is to be sent, the last first',
  arguments: [name],
  options: [
    {
      flags: '--state <state>',
      means: 'only those in this state',
      values: { from: 'choices', choices: states },
    },
    { flags: '--limit <count>', means: 'at most so many', default: '50' },
  ],
  examples: [
    { line: 'slipway subscriptions deliveries mattermost', means: 'What became of the newest 50' },
    {
      line: 'slipway subscriptions deliveries mattermost --state failed --json',
      means: 'What was given up, for a program',
    },
  ],
  load: async () => (await import('./delivery.action.js')).deliveries,
};

const replayCommand: CommandDefinition = {
  name: 'replay',
  means: 'send events to one again, now',
  details:
    'Whether they were given up, delivered or wait; under the same webhook-id, so that a receiver knows what it had before.',
  arguments: [
    name,
    {
      name: 'ids',
      means: 'of the deliveries, as `slipway subscriptions deliveries` shows them',
      many: true,
      optional: true,
    },
  ],
  options: [{ flags: '--failed', means: 'all that were given up' }],
  examples: [
    {
      line: 'slipway subscriptions replay mattermost --failed',
      means: 'When the receiver is well again',
    },
    {
      line: 'slipway subscriptions replay mattermost 0f9f2b7c-0d3c-4f7e-9f0d-2f6c5b1a0e11',
      means: 'One of them',
    },
  ],
  load: async () => (await import('./delivery.action.js')).replay,
};

const testCommand: CommandDefinition = {
  name: 'test',
  means: 'send one a test event, and show what its receiver says',
  details: 'Also where it is paused. Exit code 1 when the receiver does not take it.',
  arguments: [name],
  examples: [{ line: 'slipway subscriptions test mattermost', means: 'Does the receiver hear us?' }],
  load: async () => (await import('./delivery.action.js')).test,
};

/** What subscriptions have besides the verbs of every kind. */
export const deliveryCommands: readonly CommandDefinition[] = [deliveriesCommand, replayCommand, testCommand];
