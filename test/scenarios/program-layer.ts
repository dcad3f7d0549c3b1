import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import type { LayerEntry } from '#oci';

/** This machine's programs, in `bin`, with the libraries that they load, as a layer. */
export function programLayer(programs: readonly string[]): readonly LayerEntry[] {
  const found = programs.map((program) =>
    execFileSync('sh', ['-c', 'command -v "$0"', program]).toString().trim(),
  );
  const libraries = found.flatMap((path) =>
    [
      ...execFileSync('ldd', [path])
        .toString()
        .matchAll(/(?:^|\s)(\/\S+) \(0x/g),
    ].map(([, library = '']) => library),
  );
  const of = (path: string, name: string): LayerEntry => ({
    name,
    mode: 0o755,
    content: readFileSync(realpathSync(path)),
  });
  return [
    ...found.map((path, index) => of(path, `bin/${programs[index]}`)),
    ...[...new Set(libraries)].map((path) => of(path, path.slice(1))),
  ];
}
