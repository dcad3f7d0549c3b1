import type { CommandDefinition } from '../../command-definition.js';

/** Browsers that are signed in to the registry's page: `/sessions`. The command's own key is none of them. */
export const sessionsCommand: CommandDefinition = {
  name: 'sessions',
  means: 'browsers that are signed in to the page',
  examples: [{ line: 'slipway sessions list', means: 'Where you are signed in' }],
  commands: [
    {
      name: 'list',
      means: 'list your own; admins: those of everybody',
      examples: [{ line: 'slipway sessions list', means: 'Which there are, and when they were seen last' }],
      load: async () => (await import('./sessions.action.js')).list,
    },
    {
      name: 'revoke',
      means: 'sign a browser out, at once and everywhere',
      arguments: [{ name: 'id', means: 'of the session, as `slipway sessions list` shows it' }],
      options: [{ flags: '-y, --yes', means: 'do not ask' }],
      examples: [
        {
          line: 'slipway sessions revoke 5b8d3a52-51c6-4d0a-8f6e-3c1d2b7a9e40',
          means: 'End it, after a question',
        },
      ],
      load: async () => (await import('./sessions.action.js')).revoke,
    },
  ],
};
