import { type Paint, plain } from './paint.js';

/** One field that differs. */
export interface FieldChange {
  readonly path: readonly (string | number)[];
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What differs between two specifications, field by field. Lists count as one value. */
export function changesOf(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): readonly FieldChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changesOf(before[key], after[key], [...path, key]));
  }
  return canonical(before) === canonical(after) ? [] : [{ path, before, after }];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a.localeCompare(b))) : part,
  );
}

/** One line a field: `+ path: new`, `- path: old`, `~ path: old → new`. */
export function changesText(changes: readonly FieldChange[], paint: Paint, indent = '  '): string {
  return changes
    .flatMap(byField)
    .map((change) => `${indent}${changeLine(change, paint)}`)
    .join('\n');
}

/** What is made as a whole is told field by field too. */
const byField = (change: FieldChange): readonly FieldChange[] =>
  change.path.length === 0 ? changesOf(change.before ?? {}, change.after ?? {}) : [change];

function changeLine({ path, before, after }: FieldChange, paint: Paint): string {
  const name = path.map(String).join('.');
  if (before === undefined) return paint('green', plain(`+ ${name}: ${shown(after)}`));
  if (after === undefined) return paint('red', plain(`- ${name}: ${shown(before)}`));
  return `${paint('yellow', plain(`~ ${name}:`))} ${paint('red', plain(shown(before)))} → ${paint('green', plain(shown(after)))}`;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
