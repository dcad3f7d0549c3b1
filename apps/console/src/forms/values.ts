/** A specification as it is written: what is not set is not there, so that defaults hold. */
export type Spec = Readonly<Record<string, unknown>>;

/** Where a value stands in a specification: names of fields, and places in lists from 0 on. */
export type Path = readonly (string | number)[];

/** What is wrong with a field. */
export interface Issue {
  readonly path: Path;
  readonly message: string;
}

/** What stands there in a specification; undefined where nothing does. */
export function valueAt(spec: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    spec,
  );
}

/** The specification with this value; undefined takes it out, with the group that it leaves empty. */
export function withValue(spec: Spec, [step, ...rest]: readonly string[], value: unknown): Spec {
  if (step === undefined) return spec;
  const inner = spec[step];
  const next = rest.length === 0 ? value : emptyAsNone(withValue((inner ?? {}) as Spec, rest, value));
  const { [step]: _old, ...others } = spec;
  // In its place, so that what was written keeps its order.
  if (next === undefined) return others;
  return step in spec ? { ...spec, [step]: next } : { ...others, [step]: next };
}

const emptyAsNone = (group: Spec): Spec | undefined => (Object.keys(group).length === 0 ? undefined : group);

/** What is said against a field, or against anything in it. */
export function issueAt(issues: readonly Issue[], path: Path): string | undefined {
  const own = issues.filter((issue) => path.every((step, index) => issue.path[index] === step));
  return own.length === 0 ? undefined : own.map(({ message }) => message).join('; ');
}

/** What is said against a field that holds names of its own, each with the name it is about. */
export function issueByName(issues: readonly Issue[], path: Path): string | undefined {
  return issueAt(
    issues.map((issue) => {
      const within = issue.path.slice(path.length).join('.');
      return within === '' ? issue : { ...issue, message: `${within}: ${issue.message}` };
    }),
    path,
  );
}

/** One field that differs between two specifications. */
export interface Difference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields that differ, groups field by field; a list counts as one. */
export function differences(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): readonly Difference[] {
  if (same(before, after)) return [];
  if (!isGroupOrNone(before) || !isGroupOrNone(after) || (!before && !after))
    return [{ path, before, after }];
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) => differences(before?.[name], after?.[name], [...path, name]));
}

const isObject = (value: unknown): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of their own; a reference to a secret is one value, half of one would be none. */
const isGroup = (value: unknown): value is Spec =>
  isObject(value) &&
  !['env', 'file', 'credential'].some((name) => name in value && Object.keys(value).length === 1);
const isGroupOrNone = (value: unknown): value is Spec | undefined => value === undefined || isGroup(value);

/** Whether two values are written the same; the order of fields counts for nothing. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** A field that two people changed, or that one did. */
export interface Conflict {
  readonly path: readonly string[];
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
  /** Both changed it, and not to the same. */
  readonly isContested: boolean;
}

/** What stands between my changes and theirs, both made on the same version. */
export function conflictsOf(base: Spec, mine: Spec, theirs: Spec): readonly Conflict[] {
  return differences(mine, theirs).map(({ path, before, after }) => {
    const was = valueAt(base, path);
    return {
      path,
      base: was,
      mine: before,
      theirs: after,
      isContested: !same(before, was) && !same(after, was),
    };
  });
}

/** Theirs, with my value where mine was chosen. */
export const resolved = (
  theirs: Spec,
  conflicts: readonly Conflict[],
  keepsMine: (index: number) => boolean,
): Spec =>
  conflicts.reduce(
    (spec, { path, mine }, index) => (keepsMine(index) ? withValue(spec, path, mine) : spec),
    theirs,
  );
