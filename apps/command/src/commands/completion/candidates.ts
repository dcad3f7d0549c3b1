import {
  type CommandDefinition,
  globalOptions,
  type OptionDefinition,
  type Values,
} from '../../command-definition.js';

/** What could stand at the last word: fixed texts with what they mean, or values to be looked up. */
export interface Candidates {
  readonly texts: readonly Candidate[];
  readonly values?: Values;
}

/** One text that could stand there; bash shows it alone, zsh and fish what it means beside it. */
export interface Candidate {
  readonly text: string;
  readonly means: string;
}

const helpOption: OptionDefinition = { flags: '-h, --help', means: 'show help' };

/** What fits the last of the words; the words before it say where it stands. */
export function candidatesFor(commands: readonly CommandDefinition[], words: readonly string[]): Candidates {
  const current = words.at(-1) ?? '';
  const place = placeOf(commands, words.slice(0, -1));
  if (place.pending) return valuesOf(place.pending.values, current);
  if (current.startsWith('-')) return { texts: matching(optionsOf(place.command).flatMap(namesOf), current) };
  const inner = place.command === undefined ? commands : (place.command.commands ?? []);
  if (inner.length > 0) {
    const shown = inner.filter(({ hidden }) => hidden !== true);
    return {
      texts: matching(
        shown.map(({ name, means }) => ({ text: name, means })),
        current,
      ),
    };
  }
  const args = place.command?.arguments ?? [];
  const last = args.at(-1);
  const argument = args[place.arguments] ?? (last?.many === true ? last : undefined);
  return valuesOf(argument?.values, current);
}

interface Place {
  readonly command: CommandDefinition | undefined;
  /** Arguments that stand already. */
  readonly arguments: number;
  /** The option whose value comes next. */
  readonly pending: OptionDefinition | undefined;
}

function placeOf(commands: readonly CommandDefinition[], words: readonly string[]): Place {
  let command: CommandDefinition | undefined;
  let pending: OptionDefinition | undefined;
  let count = 0;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-') && word !== '-') pending = optionNamed(command, word);
    else {
      const next = (command === undefined ? commands : (command.commands ?? [])).find(
        ({ name }) => name === word,
      );
      if (next !== undefined) [command, count] = [next, 0];
      else count += 1;
    }
  }
  return { command, arguments: count, pending };
}

/** The option of this name, when its value is another word. */
function optionNamed(command: CommandDefinition | undefined, word: string): OptionDefinition | undefined {
  return optionsOf(command).find(
    (option) => option.flags.includes('<') && namesOf(option).some(({ text }) => text === word),
  );
}

const optionsOf = (command: CommandDefinition | undefined): readonly OptionDefinition[] => [
  ...(command?.options ?? []),
  ...globalOptions,
  helpOption,
];

const namesOf = ({ flags, means }: OptionDefinition): readonly Candidate[] =>
  flags.split(/,?\s+/).flatMap((text) => (text.startsWith('-') ? [{ text, means }] : []));

function valuesOf(values: Values | undefined, current: string): Candidates {
  if (values?.from !== 'choices') return { texts: [], ...(values === undefined ? {} : { values }) };
  return {
    texts: matching(
      values.choices.map((text) => ({ text, means: '' })),
      current,
    ),
  };
}

const matching = (candidates: readonly Candidate[], current: string): readonly Candidate[] =>
  candidates.filter(({ text }) => text.startsWith(current));
