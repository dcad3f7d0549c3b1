import type { CommandDefinition } from '../../command-definition.js';

/** Which registry the commands speak to, and with which key. */
export const loginCommand: CommandDefinition = {
  name: 'login',
  means: 'sign in to a registry and remember it',
  details:
    'The key is an API key, a token of your sign-in provider, or the bootstrap key that the first start of the registry prints. It is asked for, or read from standard input or a file; it is never an argument, which others on the machine could read. It is kept in ~/.config/slipway/servers.json, which only you can read.',
  arguments: [{ name: 'url', means: 'of the registry, e.g. https://slipway.example.org', optional: true }],
  options: [
    { flags: '--key-file <file>', means: 'file that holds the key', values: { from: 'files' } },
    { flags: '--key-stdin', means: 'read the key from standard input' },
  ],
  examples: [
    { line: 'slipway login https://slipway.example.org', means: 'Sign in; the key is asked for' },
    {
      line: 'slipway login https://slipway.example.org --key-file bootstrap-key',
      means: 'Sign in with a key that is in a file',
    },
    {
      line: 'pass slipway | slipway login https://slipway.example.org --key-stdin',
      means: 'Take the key from another program',
    },
  ],
  load: async () => (await import('./login.action.js')).login,
};

/** Takes a registry and its key out of servers.json. */
export const logoutCommand: CommandDefinition = {
  name: 'logout',
  means: 'forget a registry and the key for it',
  details: 'The key itself stays valid: `slipway api-keys revoke` ends it.',
  examples: [{ line: 'slipway logout', means: 'Forget the registry that was signed in to last' }],
  load: async () => (await import('./login.action.js')).logout,
};

/** As whom the registry takes the key, and where that key came from. */
export const whoamiCommand: CommandDefinition = {
  name: 'whoami',
  means: 'show who you are to the registry, and what you may do',
  examples: [
    { line: 'slipway whoami', means: 'Who am I, and what is my role?' },
    { line: 'slipway whoami --json', means: 'The same for a program' },
  ],
  load: async () => (await import('./whoami.action.js')).whoami,
};
