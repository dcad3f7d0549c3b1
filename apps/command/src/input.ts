import { usage } from './errors/usage.js';

/** What was typed, once the parser has sorted it. */
export interface Input {
  /** An argument's value. Throws `command.usage` where it is missing. */
  argument(name: string): string;
  /** The value of an argument that may be left out. */
  optional(name: string): string | undefined;
  /** All values of an argument that may come many times. */
  arguments(name: string): readonly string[];
  /** An option's text; undefined where it was not given. */
  text(option: string): string | undefined;
  /** All values of an option that may come many times. */
  texts(option: string): readonly string[];
  flag(option: string): boolean;
  /** A whole number of at least 1. Throws `command.usage`. */
  count(option: string): number | undefined;
}

/** What commander parsed, behind types. */
export function inputOf(
  args: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
): Input {
  const text = (option: string): string | undefined => {
    const value = options[option];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    argument: (name) => {
      const value = args[name];
      if (typeof value === 'string') return value;
      throw usage(`${name} is missing`);
    },
    optional: (name) => {
      const value = args[name];
      return typeof value === 'string' ? value : undefined;
    },
    arguments: (name) => strings(args[name]),
    text,
    texts: (option) => strings(options[option]),
    flag: (option) => options[option] === true,
    count: (option) => {
      const value = text(option);
      if (value === undefined) return undefined;
      if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
      throw usage(`--${option} takes a whole number of at least 1, not "${value}"`);
    },
  };
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
