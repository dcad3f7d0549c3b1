/** A JSON object of unknown shape, read without trust: whatever is not what is asked for counts as absent. */
export interface Fields {
  /** Whether it was an object at all. */
  readonly present: boolean;
  /** A non-empty string; what is longer is cut and ends in `…`. */
  text(key: string, maximum?: number): string | undefined;
  /** A whole number that is not negative. */
  integer(key: string): number | undefined;
  /** A number that is not negative. */
  number(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  /** A moment in any of GitLab’s and the registries’ formats, as ISO 8601 in UTC. */
  moment(key: string): string | undefined;
  /** A git object name that is not all zeros. */
  commit(key: string): string | undefined;
  object(key: string): Fields;
  objects(key: string, most: number): readonly Fields[];
  texts(key: string, most: number, maximum?: number): string[];
  raw(key: string): unknown;
}

const commitId = /^[0-9a-f]{7,64}$/;
const allZeros = /^0+$/;

export function fieldsOf(value: unknown): Fields {
  const object = isObject(value) ? value : {};
  const read = (key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
  return {
    present: isObject(value),
    raw: read,
    text: (key, maximum = 255) => textOf(read(key), maximum),
    integer: (key) => numberOf(read(key), Number.isSafeInteger),
    number: (key) => numberOf(read(key), Number.isFinite),
    flag: (key) => {
      const found = read(key);
      return typeof found === 'boolean' ? found : undefined;
    },
    moment: (key) => momentOf(read(key)),
    commit: (key) => {
      const found = read(key);
      return typeof found === 'string' && commitId.test(found) && !allZeros.test(found) ? found : undefined;
    },
    object: (key) => fieldsOf(read(key)),
    objects: (key, most) => listOf(read(key), most).map(fieldsOf),
    texts: (key, most, maximum = 255) =>
      listOf(read(key), most).flatMap((item) => textOf(item, maximum) ?? []),
  };
}

/** A body as JSON; undefined where it is none. */
export function parseJson(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** A moment as ISO 8601; undefined where it is none. */
export function momentOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const milliseconds = Date.parse(value);
  return isoOf(milliseconds);
}

/** Milliseconds since the epoch as ISO 8601; undefined outside the years 0 to 9999. */
export function isoOf(milliseconds: number): string | undefined {
  return milliseconds > -62_167_219_200_000 && milliseconds < 253_402_300_800_000
    ? new Date(milliseconds).toISOString()
    : undefined;
}

/** A moment of {@link momentOf} in milliseconds. */
export function millisecondsOf(moment: string | undefined): number | undefined {
  return moment === undefined ? undefined : Date.parse(moment);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]).slice(0, most) : [];
}

function textOf(value: unknown, maximum: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > maximum ? `${value.slice(0, maximum - 1)}…` : value;
}

function numberOf(value: unknown, valid: (number: number) => boolean): number | undefined {
  return typeof value === 'number' && value >= 0 && valid(value) ? value : undefined;
}
