import { importsOf } from './source-files.js';

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
});
