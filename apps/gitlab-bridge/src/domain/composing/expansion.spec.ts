import { expand } from './expansion.js';

const values: Readonly<Record<string, string>> = { A: 'one', B_2: 'two', NESTED: '$A' };
const valueOf = (name: string): string => values[name] ?? '';

it.each([
  ['$A and ${B_2}', 'one and two'],
  ['$A$B_2', 'onetwo'],
  ['${A}b', 'oneb'],
  ['$Ab', ''],
  ['$NESTED', '$A'],
  ['100$', '100$'],
  ['a $ b', 'a $ b'],
  ['$$A', '$A'],
  ['$1x $@', 'x '],
  ['${}x', 'x'],
  ['${A', 'A'],
  ['$(A) $-', '$(A) '],
  ['%A% plain', '%A% plain'],
])('%j becomes %j', (text, expected) => {
  expect(expand(text, valueOf)).toBe(expected);
});
