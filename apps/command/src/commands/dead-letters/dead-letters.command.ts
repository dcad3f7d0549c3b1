import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from '../../command-definition.js';

const queue: ArgumentDefinition = { name: 'queue', means: 'the queue whose consumers gave it up' };
const ids: ArgumentDefinition = { name: 'ids', means: 'of the messages', many: true, optional: true };
const all: OptionDefinition = { flags: '--all', means: 'every dead letter of the queue' };
const example = 'cvmfs-publisher.images';

/** The messages that a consumer gave up, by queue: `/dead-letters`. */
export const deadLettersCommand: CommandDefinition = {
  name: 'dead-letters',
  means: 'messages that a service gave up: why, and what to do with them',
  details:
    'Goes through the registry, as you are signed in. `bin/dead-letters` does the same straight at the broker, for when the registry is down.',
  examples: [
    { line: 'slipway dead-letters list', means: 'What was given up, and why' },
    { line: `slipway dead-letters replay ${example} --all`, means: 'Try all of a queue again' },
  ],
  commands: [
    {
      name: 'list',
      means: 'list them, the oldest first',
      arguments: [{ ...queue, optional: true }],
      options: [{ flags: '--limit <count>', means: 'at most so many', default: '200' }],
      examples: [{ line: 'slipway dead-letters list', means: 'Of all queues' }],
      load: async () => (await import('./dead-letters.action.js')).list,
    },
    {
      name: 'show',
      means: 'show one with its headers and payload',
      arguments: [queue, { name: 'id', means: 'of the message' }],
      examples: [
        {
          line: `slipway dead-letters show ${example} 3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01`,
          means: 'Everything about it',
        },
      ],
      load: async () => (await import('./dead-letters.action.js')).show,
    },
    {
      name: 'replay',
      means: 'send them back into the queue that gave them up',
      details: 'Into no other queue; their ids stay, and attempts start anew.',
      arguments: [queue, ids],
      options: [all],
      examples: [{ line: `slipway dead-letters replay ${example} --all`, means: 'Try all of them again' }],
      load: async () => (await import('./dead-letters.action.js')).replay,
    },
    {
      name: 'drop',
      means: 'delete them for good',
      arguments: [queue, ids],
      options: [all, { flags: '-y, --yes', means: 'do not ask' }],
      examples: [
        {
          line: `slipway dead-letters drop ${example} 3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01`,
          means: 'Delete one, after a question',
        },
      ],
      load: async () => (await import('./dead-letters.action.js')).drop,
    },
  ],
};
