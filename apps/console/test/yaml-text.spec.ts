import { readYaml } from '../src/forms/yaml-text.js';

describe('YAML as it is typed', () => {
  const value = { queue: 'lo"ng', nodes: 4, isShared: true, list: [1, -2.5e3] };

  it.each([
    ['a line for each name', `queue: lo"ng\nnodes: 4\nisShared: true\nlist: [1, -2.5e3]\n`],
    ['JSON', JSON.stringify(value, null, 2)],
  ])('is read: %s', (_what, text) => {
    expect(readYaml(text)).toEqual({ value });
  });

  it.each([
    ['a name that is there twice', 'a: 1\nb: 2\na: 3\n', /^line 3: Map keys must be unique/],
    ['text without an end', 'a: 1\nb: "long\n', /^line \d: Missing closing "quote/],
    ['a bracket without an end', 'a: 1\nb: [1, 2\n', /^line \d: /],
    ['a tab', 'a:\n\tb: 1\n', /^line 2: /],
    ['a second document', 'a: 1\n---\nb: 2\n', /^line 2: /],
    ['a pattern without quotes', 'a: *b\n', /has to be in quotes/],
  ])('is told by line where it has %s', (_what, text, fault) => {
    expect(readYaml(text)).toEqual({ fault: expect.stringMatching(fault) });
  });
});
