import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { permanent } from '#errors';

/** The search path handed to every child; fixed, so that a run does not depend on who starts it. */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a program may lie on different distributions, and what to tell where it does not. */
export interface ProgramSearch {
  /** What a person calls it, for the error. */
  readonly name: string;
  /** Absolute paths in order of preference; one `*` stands for a version, of which the highest is taken. */
  readonly candidates: readonly string[];
  /** The command that installs it. */
  readonly install: string;
}

/** The first candidate that can be executed. Throws permanent `embedded.missing`, which says how to install it. */
export function findProgram(search: ProgramSearch): string {
  const found = search.candidates.flatMap(expandVersions).find(isExecutable);
  if (found !== undefined) return found;
  throw permanent('embedded.missing', `${search.name} is not installed here: ${search.install}`, {
    subject: search.name,
  });
}

/** Whether this process may run it. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function expandVersions(candidate: string): string[] {
  const segments = candidate.split('/');
  const at = segments.findIndex((segment) => segment.includes('*'));
  if (at < 0) return [candidate];
  const [prefix = '', suffix = ''] = (segments[at] ?? '').split('*');
  const parent = segments.slice(0, at).join('/');
  return entriesOf(parent)
    .filter((entry) => entry.startsWith(prefix) && entry.endsWith(suffix))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((entry) => join(parent, entry, ...segments.slice(at + 1)));
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
