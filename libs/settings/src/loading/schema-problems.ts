import { expectationOf, inWords, kindOfValue } from '#contracts';
import { z } from 'zod';
import type { Path, Problem } from './problem.js';
import { didYouMean } from './suggestion.js';

/** What the schema finds wrong, in words for the person who wrote the file. */
export function schemaProblems(schema: z.ZodType, value: unknown): readonly Problem[] {
  const result = schema.safeParse(value, inWords);
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
  const isAsking = issue.code === 'invalid_type' || issue.code === 'invalid_value';
  const asked = (isAsking && expectationOf(issue)) || issue.message;
  if (at === undefined && issue.code !== 'custom' && issue.code !== 'invalid_union')
    return [{ path: issue.path, message: `is missing: ${asked}` }];
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const got = typeof at === 'string' ? `, got "${at}"${didYouMean(at, values)}` : '';
    return [{ path: issue.path, message: `${asked}${got}` }];
  }
  if (issue.code === 'invalid_type') return [{ path: issue.path, message: `${asked}, got ${told(at)}` }];
  const isBound = typeof at === 'number' && (issue.code === 'too_small' || issue.code === 'too_big');
  return [{ path: issue.path, message: isBound ? `${issue.message}, got ${at}` : issue.message }];
}

/** A value in the file is its author's own, and may be told; other kinds are told by their kind. */
const told = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOfValue(value);

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
