import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { permanent } from '#errors';
import { slipwayFile, type SlipwayFile } from '../slipway-file.js';
import { type Path, pathName } from './problem.js';
import { referenceProblems } from './reference-problems.js';
import { schemaProblems } from './schema-problems.js';
import { notePlaces } from './secret-places.js';
import { parseYaml } from './yaml-file.js';

/**
 * slipway.yml, checked.
 * @throws AppError `settings.invalid` (permanent): every fault, one a line, as `slipway.yml:12:9: sources[0].kind: …`.
 */
export function loadSlipwayFile(path: string): SlipwayFile {
  return parseSlipwayFile(readText(path), basename(path));
}

/** The same for a text; `name` is what its faults are reported under. */
export const parseSlipwayFile = (text: string, name: string): SlipwayFile =>
  checkSlipwayFile(text, name).settings;

/** A slipway.yml in which nothing is wrong. */
export interface CheckedFile {
  readonly settings: SlipwayFile;
  /** As it was written. */
  readonly written: unknown;
  /** `slipway.yml:12:9: sources[0].kind`; of what is not there, the place of what is around it. */
  readonly placeOf: (path: Path) => string;
}

/** How much of a configuration the file is. */
export interface CheckOptions {
  /** Whether what its parts name must be in the file too; not so where a registry holds the rest. */
  readonly isWhole?: boolean;
}

/** The same, with what was written, and where. */
export function checkSlipwayFile(
  text: string,
  name: string,
  { isWhole = true }: CheckOptions = {},
): CheckedFile {
  const yaml = parseYaml(text);
  refuseIfAny(yaml.syntaxErrors.map((error) => `${name}:${error}`));
  // An empty file is an empty configuration: a relay without sources, a publisher without rules.
  const written = yaml.value ?? {};
  const problems = [...schemaProblems(slipwayFile, written), ...referenceProblems(written, isWhole)];
  const placeOf = (path: Path, atKey = false): string =>
    [`${name}:${yaml.position(path, atKey)}`, ...(path.length > 0 ? [pathName(path)] : [])].join(': ');
  const lines = problems.map(({ path, atKey, message }) => `${placeOf(path, atKey)}: ${message}`);
  refuseIfAny(lines.sort(byPosition));
  const settings = deepFreeze(slipwayFile.parse(written));
  notePlaces(settings, placeOf);
  return { settings, written, placeOf };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw permanent('settings.invalid', `${path}: cannot be read: ${code}`, { cause: error });
  }
}

function refuseIfAny(lines: readonly string[]): void {
  if (lines.length > 0) throw permanent('settings.invalid', lines.join('\n'));
}

function byPosition(a: string, b: string): number {
  const [lineA = 0, columnA = 0] = positionOf(a);
  const [lineB = 0, columnB = 0] = positionOf(b);
  return lineA - lineB || columnA - columnB;
}

const positionOf = (line: string): readonly number[] =>
  (/:(\d+):(\d+): /.exec(line) ?? []).slice(1).map(Number);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
