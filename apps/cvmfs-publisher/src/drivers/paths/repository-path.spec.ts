import { isOrderToCvmfs, linkText, repositoryPath } from './repository-path.js';

describe('a path in a repository', () => {
  it.each([
    '.flat/ab/abcdef',
    'docker.io/library/alpine:3.20',
    'registry.example.org:5000/a__b/c-d@sha256:0123',
    'a/.cvmfscatalog',
    'x'.repeat(255),
  ])('may be %s', (path) => {
    expect(repositoryPath(path)).toBe(path);
  });

  it('tells why it is refused, and never echoes megabytes', () => {
    expect(() => repositoryPath('../x')).toThrow('The path "../x" is refused: it has the segment "..".');
    expect(() => repositoryPath('x'.repeat(1_000_000))).toThrow(/^.{0,400}$/);
  });
});

describe('the text of a link', () => {
  it.each([
    ['docker.io/library/alpine:3', '.flat/ab/abc', '../../.flat/ab/abc'],
    ['latest', '.flat/ab/abc', '.flat/ab/abc'],
    ['r/a:1', 'r/b', 'b'],
  ])('of %s to %s is %s', (relative, target, text) => {
    expect(linkText(relative, target)).toBe(text);
  });

  it('never leads out of the repository', () => {
    expect(() => linkText('a/b', '../../etc/passwd')).toThrow(/refused/);
    expect(() => linkText('a/b', '/etc/passwd')).toThrow(/refused/);
  });
});

describe('names that CVMFS takes for an order', () => {
  it.each([
    ['.wh.passwd', 3, true],
    ['.wh..wh..opq', 3, true],
    ['.cvmfsgraft-f', 1, true],
    ['.cvmfsbundles', 1, true],
    ['.cvmfsbundles', 0, false],
    ['.cvmfscatalog', 0, true],
    ['.cvmfscatalog', 1, false],
    ['.cvmfs', 0, true],
    ['.cvmfs', 1, false],
    ['wh.x', 1, false],
  ])('%s at depth %i: %s', (name, depth, is) => {
    expect(isOrderToCvmfs(name, depth)).toBe(is);
  });
});
