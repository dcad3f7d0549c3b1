import type { CommandDefinition } from '../../command-definition.js';

/** The keys of the registry's own that programs sign in with: `/api-keys`. */
export const apiKeysCommand: CommandDefinition = {
  name: 'api-keys',
  means: 'keys with which programs sign in',
  examples: [
    { line: 'slipway api-keys list', means: 'Which there are' },
    { line: 'slipway api-keys create ci --role reader --expires 90d', means: 'A new one' },
  ],
  commands: [
    {
      name: 'list',
      means: 'list them; the keys themselves are shown once, when they are made',
      examples: [{ line: 'slipway api-keys list', means: 'Which there are, and when they were used last' }],
      load: async () => (await import('./api-keys.action.js')).list,
    },
    {
      name: 'create',
      means: 'make a key, and show it this once',
      details:
        'The key is the only thing on standard output, so that it can go straight into a file or a secret store.',
      arguments: [{ name: 'name', means: 'what it is for' }],
      options: [
        {
          flags: '--role <role>',
          means: 'what it may do',
          default: 'reader',
          values: { from: 'choices', choices: ['admin', 'member', 'reader'] },
        },
        {
          flags: '--project <project>',
          means: 'only in this project (may come many times)',
          many: true,
          values: { from: 'names', of: 'projects' },
        },
        {
          flags: '--expires <duration>',
          means: 'how long it counts, e.g. 12h or 90d; at most 400d',
          default: '90d',
        },
      ],
      examples: [
        {
          line: 'slipway api-keys create ci --role member --project analysis --expires 30d > key',
          means: 'For the CI of one project',
        },
      ],
      load: async () => (await import('./api-keys.action.js')).create,
    },
    {
      name: 'revoke',
      means: 'end a key at once',
      arguments: [{ name: 'id', means: 'of the key, as `slipway api-keys list` shows it' }],
      options: [{ flags: '-y, --yes', means: 'do not ask' }],
      examples: [
        {
          line: 'slipway api-keys revoke 0f9f2b7c-0d3c-4f7e-9f0d-2f6c5b1a0e11',
          means: 'End it, after a question',
        },
      ],
      load: async () => (await import('./api-keys.action.js')).revoke,
    },
  ],
};
