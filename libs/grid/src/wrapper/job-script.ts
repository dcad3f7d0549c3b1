import { readFileSync } from 'node:fs';

const parts = ['settings', 'log', 'protocol', 'processes', 'inputs', 'steps', 'main'] as const;

// The compiler copies no shell files: they are read where the sources are, in the image too.
const folder = new URL('../../../../../libs/grid/src/wrapper/parts/', import.meta.url);

let text: string | undefined;

/** The wrapper, a POSIX shell script: the same for every job. */
export function jobScript(): string {
  text ??= parts.map((part) => readFileSync(new URL(`${part}.sh`, folder), 'utf8')).join('');
  return text;
}
