const commitId = /^[0-9a-f]{7,64}$/;
const allZeros = /^0+$/;

/** A JSON object of unknown shape, read without trust: whatever is not what is asked for counts as absent. */
export class Fields {
  private readonly content: Readonly<Record<string, unknown>>;
  /** Whether it was an object at all. */
  readonly present: boolean;

  constructor(value: unknown) {
    this.present = isObject(value);
    this.content = isObject(value) ? value : {};
  }

  raw(key: string): unknown {
    return Object.hasOwn(this.content, key) ? this.content[key] : undefined;
  }

  /** A non-empty string; what is longer is cut and ends in `…`. */
  text(key: string, maximum = 255): string | undefined {
    return textOf(this.raw(key), maximum);
  }

  /** A whole number that is not negative. */
  integer(key: string): number | undefined {
    return numberOf(this.raw(key), Number.isSafeInteger);
  }

  /** A number that is not negative. */
  number(key: string): number | undefined {
    return numberOf(this.raw(key), Number.isFinite);
  }

  flag(key: string): boolean | undefined {
    const found = this.raw(key);
    return typeof found === 'boolean' ? found : undefined;
  }

  /** A moment in any of GitLab’s and the registries’ formats, as ISO 8601 in UTC. */
  moment(key: string): string | undefined {
    return momentOf(this.raw(key));
  }

  /** A git object name that is not all zeros. */
  commit(key: string): string | undefined {
    const found = this.raw(key);
    return typeof found === 'string' && commitId.test(found) && !allZeros.test(found) ? found : undefined;
  }

  object(key: string): Fields {
    return new Fields(this.raw(key));
  }

  objects(key: string, most: number): readonly Fields[] {
    return listOf(this.raw(key), most).map((item) => new Fields(item));
  }

  texts(key: string, most: number, maximum = 255): string[] {
    return listOf(this.raw(key), most).flatMap((item) => textOf(item, maximum) ?? []);
  }
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
function momentOf(value: unknown): string | undefined {
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
