import type { CommandDefinition, OptionDefinition } from '../../command-definition.js';

/** How a secret comes in: never as an argument, which everybody on the machine can read. */
const secretOptions: readonly OptionDefinition[] = [
  { flags: '--secret-file <file>', means: 'file that holds the secret', values: { from: 'files' } },
  {
    flags: '--secret-stdin',
    means: 'read the secret from standard input; so is done unless it is a terminal',
  },
  { flags: '--expires <time>', means: 'when it ends: 2027-01-31T12:00:00Z, or 90d from now' },
];

/** What credentials take besides the fields that every kind takes when one is made. */
export const credentialOptions: readonly OptionDefinition[] = secretOptions;

/** Stands among the commands of credentials alone: a new secret, and how long the old one counts as well. */
export const rotateCommand: CommandDefinition = {
  name: 'rotate',
  means: 'give one a new secret; the old one may stay valid beside it for a while',
  details: 'The secret is asked for, or read from standard input or a file; never from an argument.',
  arguments: [{ name: 'name', means: 'of the credential', values: { from: 'names', of: 'credentials' } }],
  options: [
    ...secretOptions,
    {
      flags: '--overlap <duration>',
      means: 'how long the old secret counts as well, e.g. 1h; at once gone unless told',
    },
  ],
  examples: [
    {
      line: 'slipway credentials rotate hub-webhook --secret-file new-secret --overlap 1h',
      means: 'Change the secret of webhooks without losing a delivery',
    },
    { line: 'openssl rand -hex 32 | slipway credentials rotate hub-webhook', means: 'From another program' },
  ],
  load: async () => (await import('./rotate.action.js')).rotate,
};

/** Ends one of a credential's secrets, for when a secret has leaked and must not wait for its overlap to end. */
export const secretRemoveCommand: CommandDefinition = {
  name: 'end-secret',
  means: 'end one of its secrets at once',
  arguments: [
    { name: 'name', means: 'of the credential', values: { from: 'names', of: 'credentials' } },
    { name: 'id', means: 'of the secret, as `slipway credentials get` shows it' },
  ],
  options: [{ flags: '-y, --yes', means: 'do not ask' }],
  examples: [
    {
      line: 'slipway credentials end-secret hub-webhook 0f9f2b7c-0d3c-4f7e-9f0d-2f6c5b1a0e11',
      means: 'End the old secret before its time',
    },
  ],
  load: async () => (await import('./rotate.action.js')).endSecret,
};
