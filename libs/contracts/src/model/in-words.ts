import type { z } from 'zod';

type Issue = z.core.$ZodIssue | z.core.$ZodRawIssue;

/**
 * How a schema tells people what is wrong, where it has no words of its own: `schema.safeParse(value, inWords)`. The
 * words never hold a value, which may be secret; names of fields they do.
 */
export const inWords: { readonly error: z.core.$ZodErrorMap } = {
  error: (issue) => {
    if (issue.code === 'custom') return undefined;
    if (issue.code === 'unrecognized_keys')
      return `has no field ${issue.keys.slice(0, 3).map(quoted).join(', ')}`;
    if (issue.code === 'invalid_key') return 'has a name that is not allowed';
    const expectation = expectationOf(issue);
    if (issue.input === undefined) return expectation ? `is missing: ${expectation}` : 'is missing';
    if (issue.code === 'invalid_type' && wordOf(issue.expected) !== kindOfValue(issue.input))
      return `${expectation}, got ${kindOfValue(issue.input)}`;
    return expectation ?? 'is not of a form that is known here';
  },
};

/** What a value would have to be, e.g. `expected a whole number`; undefined where there are no words for it. */
export function expectationOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${wordOf(issue.expected)}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? oneOf(issue.options) : undefined;
    case 'too_small':
      return bound(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return `expected ${formats[issue.format] ?? formatOf(issue)}`;
    default:
      return undefined;
  }
}

/** What kind of thing a value is, in the words in which {@link expectationOf} asks for one. */
export function kindOfValue(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : wordOf(typeof value);
}

const types: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  never: 'nothing',
  nonoptional: 'a value',
  null: 'nothing',
  number: 'a number',
  object: 'fields',
  record: 'fields',
  string: 'text',
  undefined: 'nothing',
};

const formats: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-01-31',
  datetime: 'a time such as 2026-01-31T12:00:00Z',
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
};

const units: Readonly<Record<string, readonly [one: string, several: string]>> = {
  array: ['item', 'items'],
  object: ['field', 'fields'],
  record: ['field', 'fields'],
  string: ['character', 'characters'],
};

const wordOf = (type: string): string => types[type] ?? type;

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? `expected ${String(values[0])}` : `expected one of ${values.map(String).join(', ')}`;

function bound(
  { origin, exact }: { readonly origin: string; readonly exact?: boolean | undefined },
  words: string,
  limit: number | bigint,
): string {
  const unit = units[origin]?.[limit === 1 ? 0 : 1];
  return ['expected', exact ? 'exactly' : words, String(limit), ...(unit ? [unit] : [])].join(' ');
}

const formatOf = (issue: { readonly format: string; readonly pattern?: string | undefined }): string =>
  issue.format === 'regex' ? `what matches ${issue.pattern}` : issue.format.replaceAll('_', ' ');

/** Names of fields come from outside and may be of any length. */
const quoted = (name: string): string => JSON.stringify(name.slice(0, 60));

/**
 * The first `most` reasons why the schema refuses a value, each with its place; `whole` names the place of what is wrong
 * with the value itself. To be asked where a plain `safeParse` has refused it: one that tells in words takes several
 * times as long, which what passes need not wait for.
 */
export const reasonsOf = (schema: z.ZodType, value: unknown, most: number, whole: string): string =>
  (schema.safeParse(value, inWords).error?.issues ?? [])
    .slice(0, most)
    .map(({ path, message }) => `${path.map(String).join('.') || whole}: ${message}`)
    .join('; ');
