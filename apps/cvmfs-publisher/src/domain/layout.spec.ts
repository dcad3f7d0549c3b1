import { companions, linkPath, treePath } from './layout.js';

const digest = `sha256:ab${'0'.repeat(62)}`;

describe('the layout on CVMFS', () => {
  it('puts a tree under the first two digits of its digest', () => {
    expect(treePath(digest)).toBe(`.flat/ab/ab${'0'.repeat(62)}`);
  });

  it('refuses a digest that is a path', () => {
    expect(() => treePath('sha256:../../etc')).toThrow('no digest');
  });

  it('keeps registries apart by host and port', () => {
    expect(linkPath({ registry: 'localhost:5000', repository: 'lab/app', name: ':v1' })).toBe(
      'localhost:5000/lab/app:v1',
    );
  });

  it.each([':a b', ':$(id)', '/../../x', ':\n'])('refuses the name %j', (name) => {
    expect(() => linkPath({ registry: 'r.org', repository: 'a', name })).toThrow('cannot be a path');
  });

  it('keeps manifest, configuration and summary beside the tree', () => {
    expect(companions(digest).config).toBe(`${treePath(digest)}.config.json`);
  });
});
