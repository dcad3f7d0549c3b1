import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root, seen from the compiled test. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** One import or re-export of a file, also one that is made while it runs. */
export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** The file it names, from the root, where it is relative. */
  readonly file: string | undefined;
}

/** A file as the rules look at it: its text, not what the compiler made of it. */
export interface SourceFile {
  /** From the root, e.g. `libs/bus/src/bus.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** `apps/webhook-relay`, `libs/bus`, `test/lab`, `bench`: what it is a part of. */
  readonly part: string;
  readonly isTest: boolean;
}

const folders = ['apps', 'libs', 'test', 'bench', 'docs'];
const specifiers =
  /^\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** Every TypeScript file of the project. */
export function sourceFiles(): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !path.split('/').includes('node_modules'))
      .map((path) => sourceFile(join(folder, path))),
  );
}

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, imports: importsOf(path, text), part: partOf(path), isTest: isTest(path) };
}

/** What a text imports, found without a compiler; `path` is its own, from the root. */
export function importsOf(path: string, text: string): readonly Import[] {
  return [...text.matchAll(specifiers)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return { specifier, file: specifier.startsWith('.') ? sourceOf(path, specifier) : undefined };
  });
}

/** `x.js` is compiled from `x.ts` or from `x.tsx`; of either name only what is there can tell. */
function sourceOf(path: string, specifier: string): string {
  const target = join(dirname(path), specifier);
  const tsx = target.replace(/\.js$/, '.tsx');
  return existsSync(join(root, tsx)) ? tsx : target.replace(/\.js$/, '.ts');
}

function partOf(path: string): string {
  const [folder = '', name = ''] = path.split('/');
  return folder === 'bench' || folder === 'docs' ? folder : `${folder}/${name}`;
}

const isTest = (path: string): boolean =>
  /\.spec\.ts$|^test\/|^bench\//.test(path) || /^(?:apps|libs)\/[^/]+\/test\//.test(path);

/** Whether it is Node's own, with or without `node:`. */
export const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

/** `@nestjs/common` of `@nestjs/common/internal`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
