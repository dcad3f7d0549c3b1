import { spawnSync } from 'node:child_process';
import { pathPattern } from './doublestar.js';

/** Worker nodes have one awk or the other; those of this machine are asked. */
const awks = [['awk'], ['mawk'], ['gawk'], ['busybox', 'awk']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, 'BEGIN { exit 0 }']).status === 0,
);

function matches(awk: readonly string[], pattern: string, path: string): boolean {
  const found = pathPattern(pattern);
  if (found === undefined) throw new Error(`cannot be read: ${pattern}`);
  const [program = '', ...args] = awk;
  const { status } = spawnSync(
    program,
    [...args, 'BEGIN { exit ENVIRON["path"] ~ ENVIRON["expression"] ? 0 : 3 }'],
    { env: { PATH: process.env['PATH'], LC_ALL: 'C', path, expression: found.expression } },
  );
  if (status !== 0 && status !== 3) throw new Error(`${awk.join(' ')} failed: ${found.expression}`);
  return status === 0;
}

describe.each(awks.map((awk) => [awk.join(' '), awk] as const))('the path patterns in %s', (_name, awk) => {
  it.each([
    ['a.txt', 'a.txt', true],
    ['a.txt', 'aXtxt', false],
    ['*.txt', 'a.txt', true],
    ['*.txt', '.txt', true],
    ['*.txt', 'd/a.txt', false],
    ['**/*.txt', 'a.txt', true],
    ['**/*.txt', 'd/e/a.txt', true],
    ['**', 'any/thing', true],
    ['d/**', 'd', true],
    ['d/**', 'd/e/f', true],
    ['d/**', 'de', false],
    ['d/**/f', 'd/f', true],
    ['d/**/f', 'd/x/y/f', true],
    ['d/**/f', 'd/xf', false],
    ['d**/f', 'dxx/f', true],
    ['d**/f', 'd/x/f', false],
    ['?.log', 'a.log', true],
    ['?.log', 'ab.log', false],
    ['?.log', '/.log', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[^a-c]x', 'dx', true],
    ['[!a-c]x', 'ax', false],
    ['[^a]x', '/x', false],
    ['[]^-]x', '^x', true],
    ['[]^-]x', ']x', true],
    ['[]^-]x', '-x', true],
    ['[\\]\\\\]x', '\\x', true],
    ['{a,b/**}/c', 'a/c', true],
    ['{a,b/**}/c', 'b/x/c', true],
    ['{a,b}.txt', 'c.txt', false],
    ['a+(b)|c$^', 'a+(b)|c$^', true],
    ['a+', 'aa', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a,b}', 'a,b}', true],
    ['.', 'anything/at/all', true],
    ['grün/*', 'grün/a', true],
  ])('%s, of %s: %s', (pattern, path, expected) => {
    expect(matches(awk, pattern, path)).toBe(expected);
  });
});

it.each(['[a', '{a,b', 'a\\', '[]'])('%s cannot be read', (pattern) => {
  expect(pathPattern(pattern)).toBeUndefined();
});

it.each([
  ['build/out/**/*.txt', 'build/out'],
  ['build/a.txt', 'build/a.txt'],
  ['*.txt', '.'],
  ['a{b,c}/d', '.'],
  ['.', '.'],
])('%s is looked for below %s alone', (pattern, below) => {
  expect(pathPattern(pattern)?.below).toBe(below);
});
