import { importsOf, sourceFiles } from './source-files.js';

describe('the reader of imports', () => {
  it('finds every way to import', () => {
    const text = [
      `import 'reflect-metadata';`,
      `import type { A } from '#contracts';`,
      `import {`,
      `  b,`,
      `} from '../b.js';`,
      `export { c } from './c.js';`,
      `export const from = Array.from('abc');`,
      `const d = await import('node:fs');`,
    ].join('\n');
    expect(importsOf('libs/x/src/a.ts', text)).toEqual([
      { specifier: 'reflect-metadata', file: undefined },
      { specifier: '#contracts', file: undefined },
      { specifier: '../b.js', file: 'libs/x/b.ts' },
      { specifier: './c.js', file: 'libs/x/src/c.ts' },
      { specifier: 'node:fs', file: undefined },
    ]);
  });

  it('names the file that is there, be it .ts or .tsx', () => {
    const text = `import './shell.js';\nimport './theme.js';`;
    expect(importsOf('apps/console/src/app/a.ts', text).map(({ file }) => file)).toEqual([
      'apps/console/src/app/shell.tsx',
      'apps/console/src/app/theme.ts',
    ]);
  });

  it('finds the file of every relative import in the project', () => {
    const files = sourceFiles();
    const paths = new Set(files.map(({ path }) => path));
    const lost = files.flatMap(({ path, imports }) =>
      imports
        .filter(({ file, specifier }) => specifier.endsWith('.js') && file !== undefined && !paths.has(file))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    expect(lost).toEqual([]);
  });
});
