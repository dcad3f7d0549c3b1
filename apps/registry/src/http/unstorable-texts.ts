import type { FieldIssue } from '../domain/fields-refused.js';

/** NUL, and halves of surrogate pairs: JSON can hold them, PostgreSQL's text cannot. */
const unstorable = /\0|\p{Surrogate}/u;

/** The texts below a value, names of fields included, that no database keeps. */
export function unstorableTexts(value: unknown, path: readonly PropertyKey[]): readonly FieldIssue[] {
  if (typeof value === 'string')
    return unstorable.test(value)
      ? [{ path, message: 'holds a character that is none (NUL or half a pair)' }]
      : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [
    ...unstorableTexts(key, path),
    ...unstorableTexts(part, [...path, Array.isArray(value) ? Number(key) : key]),
  ]);
}
