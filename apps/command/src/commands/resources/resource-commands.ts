import type { CommandDefinition, OptionDefinition, Values } from '../../command-definition.js';
import { type Kind, kinds } from './kinds.js';
import { deliveryCommands } from './delivery-commands.js';
import { credentialOptions, rotateCommand, secretRemoveCommand } from './credential-commands.js';

const nameOf = ({ plural, title }: Kind) => ({
  name: 'name',
  means: `its name${plural === 'container-registries' ? ': the host' : ''}, as in \`slipway ${plural} list\` (${title})`,
  values: { from: 'names', of: plural } satisfies Values as Values,
});

const fromFile: OptionDefinition = {
  flags: '-f, --file <file>',
  means: 'YAML or JSON file with its fields; - is standard input',
  values: { from: 'files' },
};

const fields: OptionDefinition = {
  flags: '--field <key=value>',
  means: 'one field; the value is read as YAML, and dots lead inside: limits.jobs=200 (may come many times)',
  many: true,
};

const listCommand = (kind: Kind): CommandDefinition => ({
  name: 'list',
  means: `list them, by name`,
  options: [
    { flags: '-q, --query <text>', means: 'only those whose name has this in it' },
    {
      flags: '--project <project>',
      means: 'only what belongs to this project',
      values: { from: 'names', of: 'projects' },
    },
    { flags: '--at <time>', means: 'as it was then: 2026-01-31T12:00:00Z, or 2h ago as "2h"' },
    { flags: '--limit <count>', means: 'at most so many; all of them unless told' },
  ],
  examples: [
    { line: `slipway ${kind.plural} list`, means: 'All of them' },
    { line: `slipway ${kind.plural} list --at 24h --json`, means: 'As they were a day ago, for a program' },
  ],
  load: async () => (await import('./list.action.js')).list(kind.plural),
});

const getCommand = (kind: Kind): CommandDefinition => ({
  name: 'get',
  means: 'show one of them',
  arguments: [nameOf(kind)],
  options: [{ flags: '--at <time>', means: 'as it was then: 2026-01-31T12:00:00Z, or 2h ago as "2h"' }],
  examples: [{ line: `slipway ${kind.plural} get ${kind.example.name}`, means: 'What is known of it' }],
  load: async () => (await import('./get.action.js')).get(kind.plural),
});

const createCommand = (kind: Kind): CommandDefinition => ({
  name: 'create',
  means: 'make a new one',
  details: `From a file, or from fields${kind.kind === 'credential' ? '; its secret comes from standard input or a file, never from an argument' : ''}.`,
  arguments: [{ name: 'name', means: 'its name, unless the file tells', optional: true }],
  options: [fromFile, fields, ...(kind.kind === 'credential' ? credentialOptions : [])],
  examples: [
    {
      line: `slipway ${kind.plural} create ${kind.example.name} ${kind.example.fields.map((field) => `--field ${field}`).join(' ')}${kind.kind === 'credential' ? ' --secret-file secret.txt' : ''}`,
      means: 'From fields',
    },
    { line: `slipway ${kind.plural} create -f ${kind.kind}.yml`, means: 'From a file' },
  ],
  load: async () => (await import('./create.action.js')).create(kind.plural),
});

const editCommand = (kind: Kind): CommandDefinition => ({
  name: 'edit',
  means: 'change one in your editor',
  details:
    'Opens $VISUAL or $EDITOR with its fields as YAML. When somebody else changed it meanwhile, you are told what differs, and what you wrote is kept in a file.',
  arguments: [nameOf(kind)],
  examples: [
    { line: `slipway ${kind.plural} edit ${kind.example.name}`, means: 'Change it in your editor' },
    {
      line: `EDITOR="code --wait" slipway ${kind.plural} edit ${kind.example.name}`,
      means: 'In another one',
    },
  ],
  load: async () => (await import('./edit.action.js')).edit(kind.plural),
});

const setCommand = (kind: Kind): CommandDefinition => ({
  name: 'set',
  means: 'change some of its fields',
  details: 'The others stay. An empty value (`key=`) takes a field away, so that its default counts again.',
  arguments: [
    nameOf(kind),
    { name: 'fields', means: 'key=value; the value is read as YAML, and dots lead inside', many: true },
  ],
  examples: [
    {
      line: `slipway ${kind.plural} set ${kind.example.name} ${kind.example.fields[0] ?? ''}`,
      means: 'Change a field',
    },
  ],
  load: async () => (await import('./set.action.js')).set(kind.plural),
});

const removeCommand = (kind: Kind): CommandDefinition => ({
  name: 'remove',
  means: 'remove one; its history stays',
  arguments: [nameOf(kind)],
  options: [{ flags: '-y, --yes', means: 'do not ask' }],
  examples: [
    { line: `slipway ${kind.plural} remove ${kind.example.name}`, means: 'Remove it, after a question' },
  ],
  load: async () => (await import('./remove.action.js')).remove(kind.plural),
});

const historyCommand = (kind: Kind): CommandDefinition => ({
  name: 'history',
  means: 'show who changed what in it, and when',
  arguments: [nameOf(kind)],
  examples: [
    {
      line: `slipway ${kind.plural} history ${kind.example.name}`,
      means: 'All its versions, the last first',
    },
  ],
  load: async () => (await import('./history.action.js')).history(kind.plural),
});

/** `slipway projects|credentials|…`, each with the same verbs. */
export const resourceCommands: readonly CommandDefinition[] = kinds.map((kind) => ({
  name: kind.plural,
  means: kind.means,
  examples: [
    { line: `slipway ${kind.plural} list`, means: 'All of them' },
    { line: `slipway ${kind.plural} get ${kind.example.name}`, means: 'One of them' },
  ],
  commands: [
    ...[listCommand, getCommand, createCommand, editCommand, setCommand, removeCommand, historyCommand].map(
      (verb) => verb(kind),
    ),
    ...(kind.kind === 'credential' ? [rotateCommand, secretRemoveCommand] : []),
    ...(kind.kind === 'subscription' ? deliveryCommands : []),
  ],
}));
