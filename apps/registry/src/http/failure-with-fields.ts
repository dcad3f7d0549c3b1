import type { Problem } from '#api';
import { databaseError } from '#database';
import { type Failure, failureOf } from '#service';
import { FieldsRefused } from '../domain/fields-refused.js';
import { statusOf } from './status-of.js';

/** Whatever was thrown, as RFC 9457 tells it, with each field at fault. */
export function failureWithFields(thrown: unknown): Failure & { readonly problem: Problem } {
  const failure = failureOf(thrown, { statusOf, known: databaseError });
  const { problem, error } = failure;
  if (!(error instanceof FieldsRefused) || problem.status >= 500) return failure;
  const errors = error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    message,
  }));
  return { ...failure, problem: { ...problem, errors } };
}
