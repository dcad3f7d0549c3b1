import { contentOfCursor, cursorOf } from '#service';
import { refused } from './request-check.interceptor.js';

/** @throws FieldsRefused `request.invalid_parameters` */
export function nameOfCursor(cursor: string | undefined): string | undefined {
  return opened(cursor, (value) =>
    typeof value === 'string' && value.length <= 255 && !value.includes('\0') ? value : undefined,
  );
}

/** @throws FieldsRefused `request.invalid_parameters` */
export function numberOfCursor(cursor: string | undefined): number | undefined {
  return opened(cursor, (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined,
  );
}

function opened<T>(cursor: string | undefined, read: (value: unknown) => T | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  const value = read(contentOfCursor(cursor));
  if (value !== undefined) return value;
  const message = 'is not one that a page of this list ended with';
  throw refused('request.invalid_parameters', [{ path: ['query', 'cursor'], message }]);
}

/** A page of what was asked for with one entry more than fits. */
export function pageFrom<T, R>(
  found: readonly T[],
  limit: number,
  show: (entries: readonly T[]) => readonly R[],
  keyOf: (last: T) => string | number,
): { readonly items: readonly R[]; readonly next?: string } {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return {
    items: show(entries),
    ...(found.length > limit && last !== undefined && { next: cursorOf(keyOf(last)) }),
  };
}
