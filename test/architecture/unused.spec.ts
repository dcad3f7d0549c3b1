import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageOf, root, type SourceFile, sourceFiles } from './source-files.js';

const files = sourceFiles();
const shipped = files.filter(({ isTest, path }) => !isTest && /^(?:apps|libs)\//.test(path));

const exported = /^export (?:async )?(?:const|let|class|function\*?) (\w+)/gm;
const reExported = /^export \{([^}]*)\} from '([^']+)';/gm;
const namesOf = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));

/** Which files say a word, other than by handing it on. */
const saidIn = new Map<string, SourceFile[]>();
for (const file of files)
  for (const word of new Set(file.text.replaceAll(reExported, '').match(/[\w$]+/g)))
    saidIn.set(word, [...(saidIn.get(word) ?? []), file]);

describe('nothing is there for nobody:', () => {
  it('each value that a file exports is used by another one', () => {
    const unused = shipped.flatMap(({ path, text }) =>
      [...text.matchAll(exported)]
        .map(([, name = '']) => name)
        .filter((name) => !saidIn.get(name)?.some((other) => other.path !== path))
        .map((name) => `${path} exports ${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('each value that a library exports, but for messages, is used by another part, or by a test of its own', () => {
    const unused = shipped
      .filter(({ path }) => /^libs\/[^/]+\/src\/index\.ts$/.test(path))
      .flatMap(({ part, path, text }) =>
        [...text.matchAll(reExported)]
          // Messages are there for all who subscribe, whoever they are.
          .flatMap(([, list = '', from = '']) => (from.startsWith('./messages/') ? [] : namesOf(list)))
          .filter((name) => !saidIn.get(name)?.some((other) => other.part !== part || other.isTest))
          .map((name) => `${path} exports ${name}`),
      );
    expect(unused).toEqual([]);
  });

  it('each package that the project asks for is imported, but for the tools of its commands', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>;
    const tools = /^(?:@types\/.*|@swc\/.*|jest|oxlint.*|prettier|typescript|vite)$/;
    const imported = new Set(
      files.flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))),
    );
    // What is read as a file is found by its name, and nothing of it imported.
    const isNamed = (name: string): boolean => files.some(({ text }) => text.includes(`resolve('${name}`));
    const unused = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !tools.test(name) && !imported.has(name) && !isNamed(name),
    );
    expect(unused).toEqual([]);
  });
});
