import type { Context } from './context.js';
import type { Input } from './input.js';

/** Where the values of an argument or option come from, for shells that complete them. */
export type Values =
  | { readonly from: 'files' }
  | { readonly from: 'choices'; readonly choices: readonly string[] }
  /** The names that the registry holds now, e.g. of `projects`. */
  | { readonly from: 'names'; readonly of: string };

/** An argument that stands by itself. One with `many` takes all words that are left, and has to be the last. */
export interface ArgumentDefinition {
  readonly name: string;
  readonly means: string;
  readonly optional?: boolean;
  readonly many?: boolean;
  readonly values?: Values;
}

/** An option: a switch unless its flags name a value. With `many` it may come more than once. */
export interface OptionDefinition {
  /** As commander writes them: `-f, --file <file>`. */
  readonly flags: string;
  readonly means: string;
  readonly many?: boolean;
  readonly required?: boolean;
  readonly default?: string;
  readonly values?: Values;
}

/** One way to type a command; help and docs/command.md show it under what it means. */
export interface Example {
  /** What is typed, `slipway` included. */
  readonly line: string;
  readonly means: string;
}

/** What a command does once it is understood. Throws AppError. */
export type Action = (context: Context, input: Input) => Promise<void>;

/**
 * One command: what help, completion, docs/command.md and the parser are made from. It is light, for each start loads
 * all of them; what it does is loaded when it is asked for.
 */
export interface CommandDefinition {
  readonly name: string;
  /** One line, without a full stop. */
  readonly means: string;
  /** What else there is to know, in sentences. */
  readonly details?: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  readonly examples: readonly Example[];
  readonly hidden?: boolean;
  readonly commands?: readonly CommandDefinition[];
  readonly load?: () => Promise<Action>;
}

/** Options that every command has. */
export const globalOptions: readonly OptionDefinition[] = [
  { flags: '--json', means: 'print JSON for programs instead of tables for people' },
  { flags: '--url <url>', means: 'the registry to talk to, instead of the one signed in to last' },
  { flags: '--no-color', means: 'no colours, as with NO_COLOR set' },
];
