import { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { type CommandDefinition, globalOptions, type OptionDefinition } from './command-definition.js';
import { commands } from './commands/index.js';
import type { Context } from './context.js';
import { exitCodes } from './errors/exit-code.js';
import { inputOf } from './input.js';

/** The options of every command as commander hands them over; `color` is false after `--no-color`. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly color: boolean;
  readonly url: string | undefined;
}

/** The whole command line. `open` makes what an action works with once the options are known. */
export function program(open: (options: GlobalOptions) => Context, isJson = false): Command {
  const slipway = new Command('slipway')
    .description(
      'Admins’ command for Slipway: what the registry keeps, what is published, and what is wrong.',
    )
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput(isJson ? { outputError: problemInstead } : {})
    .showHelpAfterError(isJson ? false : '(--help tells more)')
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(process.stdout.columns ?? 100, 110) })
    .helpCommand('help [command]', 'show help for a command')
    .helpOption('-h, --help', 'show this')
    .version(version(), '-V, --version', 'show the version');
  for (const option of globalOptions) slipway.addOption(optionOf(option));
  for (const definition of commands) add(slipway, definition, open);
  slipway.addHelpText('after', epilogue());
  return slipway;
}

function add(
  parent: Command,
  definition: CommandDefinition,
  open: (options: GlobalOptions) => Context,
): void {
  const command = parent
    .command(definition.name, { hidden: definition.hidden === true })
    .summary(definition.means)
    .description(`${sentence(definition.means)}${definition.details ? ` ${definition.details}` : ''}`)
    .exitOverride()
    .helpOption('-h, --help', 'show this');
  for (const argument of definition.arguments ?? []) {
    const name = `${argument.name}${argument.many === true ? '...' : ''}`;
    command.argument(argument.optional === true ? `[${name}]` : `<${name}>`, argument.means);
  }
  for (const option of definition.options ?? []) command.addOption(optionOf(option));
  for (const each of definition.commands ?? []) add(command, each, open);
  const { load } = definition;
  if (load) {
    command.action(async () => {
      const names = (definition.arguments ?? []).map(({ name }) => name);
      const given = Object.fromEntries(
        names.map((name, index) => [name, command.processedArgs[index] as unknown]),
      );
      const options: Readonly<Record<string, unknown>> = command.optsWithGlobals();
      const context = open(command.optsWithGlobals<GlobalOptions>());
      await (
        await load()
      )(context, inputOf(given, options));
    });
  }
  command.addHelpText('after', examplesOf(definition));
}

function optionOf({ flags, means, many, required, values, default: fallback }: OptionDefinition): Option {
  const option = new Option(flags, means);
  if (fallback !== undefined) option.default(fallback);
  if (required === true) option.makeOptionMandatory();
  if (values?.from === 'choices' && many !== true) option.choices(values.choices);
  if (many === true) {
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

const examplesOf = ({ examples }: CommandDefinition): string =>
  examples.length === 0
    ? ''
    : `\nExamples:\n${examples.map(({ line, means }) => `  # ${means}\n  $ ${line}`).join('\n')}\n`;

/** A definition's `means`, which begins small and has no full stop, as help and docs/command.md print it. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const epilogue = (): string => {
  const codes = Object.values(exitCodes).map(({ code, means }) => `  ${String(code).padEnd(4)} ${means}`);
  return `
Examples:
  # Sign in, then see what is there
  $ slipway login https://slipway.example.org
  $ slipway projects list
  # Apply a file of settings, after a look at what it would change
  $ slipway apply -f slipway.yml --dry-run
  # Why an image is not on CVMFS yet
  $ slipway publications why registry.example.org/atlas/analysis:v1

Exit codes:
${codes.join('\n')}
`;
};

/** Wrong usage, as whoever asked for JSON reads every other failure. */
function problemInstead(text: string, write: (text: string) => void): void {
  const detail = text.trim().replace(/^error: /, '');
  const document = { type: 'about:blank', title: 'wrong usage', detail, code: 'command.usage' };
  write(`${JSON.stringify(document)}\n`);
}

function version(): string {
  const file = new URL('../../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
