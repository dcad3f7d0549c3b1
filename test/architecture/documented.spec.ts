import { type SourceFile, sourceFiles } from './source-files.js';

const exported =
  /^export (?:default )?(?:abstract |async )*(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
/** They stand between a comment and its class; what they are given may go over several lines. */
const decorators = /(?:\n@.*(?:\n[ })].*)*)+(?=\n$)/;

/** Of several of one name, such as a function's overloads or a schema and its type, the first speaks for all. */
function undocumented({ path, text }: SourceFile): readonly string[] {
  const first = new Map(
    [...text.matchAll(exported)].reverse().map(({ 1: name = '', index }) => [name, index]),
  );
  return [...first]
    .filter(([, index]) => !text.slice(0, index).replace(decorators, '').endsWith('*/\n'))
    .map(([name]) => `${path} exports ${name}`);
}

describe('what is exported says what it is for:', () => {
  it('each such thing has a doc comment, but for those of single test files', () => {
    const shared = sourceFiles().filter(({ path }) => !path.endsWith('.spec.ts'));
    expect(shared.flatMap(undocumented)).toEqual([]);
  });
});
