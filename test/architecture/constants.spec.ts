import { type SourceFile, sourceFiles } from './source-files.js';

const inCapitals = /^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: [^=]+)? = (.+)$/gm;
/** Whose constants are numbers that stand for a name: flags of a format, kinds and states in shared memory. */
const layouts = [
  'libs/oci/src/blobs/growth.ts',
  'libs/oci/src/layers/gzip-frame.ts',
  'libs/oci/src/layers/shared-ring.ts',
  'libs/oci/src/tree/decided-tree.ts',
  'libs/oci/src/tree/link-memory.ts',
  'libs/oci/src/tree/node-table.ts',
  'libs/oci/src/tree/old-tree.ts',
];

function misspelt({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(inCapitals)]
    .filter(
      ([, , value = '']) =>
        !value.startsWith('Symbol(') && !(layouts.includes(path) && /^-?(?:\d|0x)/.test(value)),
    )
    .map(([, name = '']) => `${path}: ${name}`);
}

describe('names of constants', () => {
  it('are in capitals for injection tokens, and for numbers that stand for a name in memory or in a file', () => {
    expect(sourceFiles().flatMap(misspelt)).toEqual([]);
  });
});
