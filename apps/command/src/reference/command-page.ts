import { type CommandDefinition, globalOptions, type OptionDefinition } from '../command-definition.js';
import { commands } from '../commands/index.js';
import { exitCodes } from '../errors/exit-code.js';
import { sentence } from '../program.js';
import { variables } from '../settings/config.js';

/** docs/command.md: the commands, from what help is made from. */
export function commandPage(): string {
  return [
    '<!-- Made by `npm run docs` from the commands themselves; changes here are lost. -->',
    '# The slipway command',
    introduction,
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.values(exitCodes).map(({ code, means }) => [`\`${code}\``, means]),
    ),
    '## Options of every command',
    optionTable(globalOptions),
    '## Environment',
    table(
      ['variable', 'meaning'],
      Object.entries(variables).map(([name, means]) => [`\`${name}\``, means]),
    ),
    '## JSON',
    json,
    '## Commands',
    ...commands
      .filter(({ hidden }) => hidden !== true)
      .flatMap((command) => section(command, 'slipway', '###')),
    '',
  ].join('\n\n');
}

const introduction = `\`slipway\` is the admins' command: it speaks to the registry's API and to nothing else, except for \`doctor\`, which also looks at the machine that it runs on. From a checkout it is \`bin/slipway\` or \`npx slipway\`; in the image it is \`slipway\` too (\`docker compose exec webhook-relay slipway …\`).

\`\`\`sh
slipway login https://slipway.example.org   # asks for an API key; the first start of the registry prints one
slipway apply -f slipway.yml --dry-run      # what would change?
slipway publications watch                  # everything that moves, with a bar for each
slipway doctor                              # is everything well?
\`\`\`

Secrets come from standard input, a prompt or a file, never from an argument: others on the machine could read it there. The key of each registry is kept in \`~/.config/slipway/servers.json\`, which only its owner can read; \`SLIPWAY_URL\` with \`SLIPWAY_TOKEN\` or \`SLIPWAY_TOKEN_FILE\` need no sign-in, e.g. in CI. Results go to standard output, remarks and errors to standard error.`;

const json = `With \`--json\` standard output holds one JSON value, and on failure standard error one problem document (RFC 9457: \`title\`, \`detail\`, \`code\`, \`errors\` with the path of each field). These shapes are stable: fields may be added, none is renamed or removed without a new version of the API.

| command | value |
| --- | --- |
| \`list\`, \`history\`, \`audit\`, \`why\`, \`deliveries\` | \`{"items": […]}\`, each as the API answers it |
| \`get\`, \`show\`, \`create\`, \`set\`, \`edit\`, \`rotate\` | the thing itself, as the API answers it |
| \`apply\` | \`{"dryRun", "changes": [{"kind", "name", "change", "fields": [{"path", "before", "after"}]}]}\` |
| \`export\` | the settings file as JSON |
| \`doctor\` | \`{"ok", "findings": [{"name", "state": "ok" \\| "warn" \\| "fail", "detail", "advice"}]}\` |
| \`events tail\` | one event a line: \`{"id", "name", "subject", "time", "data"}\` |
| \`publications watch\` | one movement a line: \`{"key", "name", "cvmfsRepository", "state", "step", "bytes", "bytesDone", "filesDone", "reason"}\` |
| \`subscriptions test\` | \`{"isDelivered", "eventId", "status", "reason", "said", "milliseconds"}\` |
| \`remove\`, \`end-secret\`, \`revoke\`, \`replay\`, \`drop\` | \`{"removed": name}\` and the like |

Times are absolute there (RFC 3339), relative for people.`;

function section(command: CommandDefinition, parent: string, mark: string): readonly string[] {
  const { name, means, details, options = [], examples, commands: inner = [] } = command;
  const line = `${parent} ${name}`;
  return [
    `${mark} ${line}`,
    `${sentence(means)}${details ? ` ${details}` : ''}`,
    ...(inner.length > 0 ? [] : [`\`\`\`\n${usageOf(command, parent)}\n\`\`\``]),
    ...argumentTable(command),
    ...(options.length > 0 ? [optionTable(options)] : []),
    `\`\`\`sh\n${examples.map((example) => `# ${example.means}\n${example.line}`).join('\n')}\n\`\`\``,
    ...inner.flatMap((each) => section(each, line, `${mark}#`)),
  ];
}

function usageOf({ name, arguments: args = [], options = [] }: CommandDefinition, parent: string): string {
  const words = args.map(({ name: argument, optional, many }) => {
    const text = `${argument.toUpperCase()}${many === true ? '…' : ''}`;
    return optional === true ? `[${text}]` : text;
  });
  const required = options
    .filter((option) => option.required === true)
    .map(({ flags }) => flags.replace(/^.*(--)/, '$1'));
  const others = options.some((option) => option.required !== true) ? ['[OPTIONS]'] : [];
  return [parent, name, ...words, ...required, ...others].join(' ');
}

function argumentTable({ arguments: args = [] }: CommandDefinition): readonly string[] {
  if (args.length === 0) return [];
  return [
    table(
      ['argument', 'meaning'],
      args.map(({ name, means }) => [`\`${name.toUpperCase()}\``, means]),
    ),
  ];
}

const optionTable = (options: readonly OptionDefinition[]): string =>
  table(
    ['option', 'meaning'],
    options.map(({ flags, means, default: fallback }) => [
      `\`${flags}\``,
      fallback === undefined ? means : `${means} (default \`${fallback}\`)`,
    ]),
  );

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll(/(?<!`[^`]*)\*/g, String.raw`\*`)).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
