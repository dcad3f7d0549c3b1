import type { CommandDefinition } from '../../command-definition.js';

/** Brings the registry to what a slipway.yml says, in one transaction. */
export const applyCommand: CommandDefinition = {
  name: 'apply',
  means: 'make the registry hold what a slipway.yml says',
  details:
    'Shows what would change, and asks before it removes anything. Everything is changed in one transaction, or nothing. Secrets that the file names by {env: …} or {file: …} are read here: those of credentials, and those of sources and registries, which become credentials with a name of their own.',
  options: [
    {
      flags: '-f, --file <file>',
      means: 'the settings; - is standard input',
      required: true,
      values: { from: 'files' },
    },
    { flags: '--dry-run', means: 'show what would change, and change nothing' },
    {
      flags: '--prune',
      means:
        'remove what the registry holds and the file does not name, of the kinds that the file has a list for (no credential, where it has no list of them)',
    },
    { flags: '-y, --yes', means: 'do not ask' },
  ],
  examples: [
    { line: 'slipway apply -f slipway.yml --dry-run', means: 'What would change?' },
    { line: 'slipway apply -f slipway.yml', means: 'Change it' },
    { line: 'slipway apply -f slipway.yml --prune --yes', means: 'From CI: the file is all there is' },
  ],
  load: async () => (await import('./apply.action.js')).apply,
};

/** The registry's resources as a slipway.yml, now or at a time in the past. */
export const exportCommand: CommandDefinition = {
  name: 'export',
  means: 'write what the registry holds as a slipway.yml',
  details: 'Applying it again changes nothing. Secrets are not in it: the registry never shows them.',
  options: [
    {
      flags: '-o, --output <file>',
      means: 'where to; standard output unless told',
      values: { from: 'files' },
    },
    { flags: '--at <time>', means: 'as it was then: 2026-01-31T12:00:00Z, or 2h ago as "2h"' },
  ],
  examples: [
    { line: 'slipway export > slipway.yml', means: 'All settings as one file' },
    { line: 'slipway export --at 24h -o yesterday.yml', means: 'As they were a day ago' },
  ],
  load: async () => (await import('./export.action.js')).exportSettings,
};
