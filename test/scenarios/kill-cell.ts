import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestJob } from '../gitlab/index.js';
import { seenLines } from './seen-trace.js';

/** A CI job that waits for files in the directory `$PLACE`, and has to be the same whoever is killed meanwhile. */
export interface Kind {
  /** Below the job's name in `.gitlab-ci.yml`; `PLACE` is added to its variables. */
  readonly yaml: { readonly variables?: Readonly<Record<string, string>> } & Readonly<
    Record<string, unknown>
  >;
  /** What it waits for. */
  readonly files: readonly string[];
  /** The lines, sorted, that its scripts have written to `$PLACE/count`. */
  readonly counted: readonly string[];
  /** Some of its artifacts. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** How many jobs of the grid each of its groups has. */
  readonly groups: readonly number[];
}

/** A CI job on its way. */
export interface Cell {
  readonly name: string;
  readonly place: string;
  readonly job: TestJob;
}

/** Makes files that its scripts wait for. */
export function go({ place }: Cell, ...files: readonly string[]): void {
  for (const file of files) writeFileSync(join(place, file), '');
}

/** What its scripts have written to `$PLACE/count`. */
export function countOf({ place }: Cell): string {
  const file = join(place, 'count');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Its trace as people see it, the same wherever its directory is. */
export const seenOf = ({ job, place }: Cell): readonly string[] =>
  seenLines(job.trace).map((line) => line.replaceAll(place, '$PLACE'));

/** That it has one archive, and these files in it. */
export function expectArtifacts({ job, place }: Cell, artifacts: Kind['artifacts']): void {
  expect(job.artifacts.map(({ type }) => type)).toEqual(['archive']);
  const zip = join(place, 'artifacts.zip');
  writeFileSync(zip, job.artifacts[0]?.bytes ?? '');
  for (const [path, text] of Object.entries(artifacts))
    expect(execFileSync('unzip', ['-p', zip, path], { encoding: 'utf8' })).toBe(text);
}
