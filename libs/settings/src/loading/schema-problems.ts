import { z } from 'zod';
import type { Path, Problem } from './problem.js';
import { didYouMean } from './suggestion.js';

/** What the schema finds wrong, in words for the person who wrote the file. */
export function schemaProblems(schema: z.ZodType, value: unknown): readonly Problem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => problemsOf(issue, schema, value));
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): readonly Problem[] {
  const at = valueAt(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `is not a field${didYouMean(key, known)}`,
      atKey: true,
    }));
  }
  if (at === undefined && issue.code !== 'custom' && issue.code !== 'invalid_union')
    return [{ path: issue.path, message: `is missing: ${expectationOf(issue)}` }];
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const got = typeof at === 'string' ? `, got "${at}"${didYouMean(at, values)}` : '';
    return [{ path: issue.path, message: `${expectationOf(issue)}${got}` }];
  }
  if (issue.code === 'invalid_type')
    return [{ path: issue.path, message: `${expectationOf(issue)}, got ${typeName(at)}` }];
  return [{ path: issue.path, message: boundOf(issue, at) ?? issue.message }];
}

/** Bounds of numbers in our words, unless the schema has words of its own. */
function boundOf(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (issue.code === 'too_small')
    return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, got ${value}`;
  if (issue.code === 'too_big')
    return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}, got ${value}`;
  return undefined;
}

function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `expected one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type') return `expected ${typeWords[issue.expected] ?? issue.expected}`;
  return issue.message;
}

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'fields',
  string: 'text',
};

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeWords[typeof value] ?? typeof value;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The fields that the schema knows at this path. */
function fieldsAt(schema: z.ZodType, path: Path): readonly string[] {
  let at: JsonSchema | undefined = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema;
  for (const part of path) at = typeof part === 'number' ? at?.items : at?.properties?.[String(part)];
  return Object.keys(at?.properties ?? {});
}
