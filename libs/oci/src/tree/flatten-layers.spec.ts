import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LayerLab } from '../testing/layer-lab.js';
import type { EntryOptions } from '../testing/tar-archive.js';

const file = (name: string, data = name): EntryOptions => ({ name, data });
const directory = (name: string): EntryOptions => ({ name, type: '5' });
const link = (name: string, linkName: string): EntryOptions => ({ name, type: '2', linkName });
const hardLink = (name: string, linkName: string): EntryOptions => ({ name, type: '1', linkName });
const whiteout = (name: string): EntryOptions => ({ name });

describe('flattening layers', () => {
  let lab: LayerLab;
  beforeEach(() => {
    lab = new LayerLab();
  });
  afterEach(() => lab.remove());

  it('takes each path from the uppermost layer that has it', async () => {
    const tree = await lab.tree(
      [directory('a'), file('a/old', '1'), file('a/both', 'lower')],
      [file('a/both', 'upper'), file('new', '2')],
    );
    expect(tree).toEqual({
      a: 'directory',
      'a/old': 'file 1',
      'a/both': 'file upper',
      new: 'file 2',
    });
  });

  it('hides what a whiteout names, with all below it', async () => {
    const tree = await lab.tree(
      [directory('a'), file('a/b/c'), file('a/d'), file('e')],
      [whiteout('a/.wh.b'), whiteout('.wh.e')],
    );
    expect(tree).toEqual({ a: 'directory', 'a/d': 'file a/d' });
  });

  it('lets a whiteout of a lower layer be overruled above it', async () => {
    const tree = await lab.tree([file('a', '1')], [whiteout('.wh.a')], [file('a', '3')]);
    expect(tree).toEqual({ a: 'file 3' });
  });

  it('brings back a path that was whited out below and is new in the same layer, in either order', async () => {
    const tree = await lab.tree(
      [directory('a'), file('a/x'), directory('b'), file('b/x')],
      [whiteout('.wh.a'), directory('a'), file('a/y'), directory('b'), file('b/y')],
      [],
    );
    expect(Object.keys(tree)).toEqual(['a', 'a/y', 'b', 'b/x', 'b/y']);
  });

  it.each([
    ['first', [whiteout('a/.wh..wh..opq'), directory('a'), file('a/new')]],
    ['last', [directory('a'), file('a/new'), whiteout('a/.wh..wh..opq')]],
  ])('hides by an opaque directory what lower layers brought, marked %s in its layer', async (_, upper) => {
    const tree = await lab.tree([directory('a'), file('a/old'), file('a/b/old')], upper);
    expect(tree).toEqual({ a: 'directory', 'a/new': 'file a/new' });
  });

  it('hides everything below an opaque top', async () => {
    const tree = await lab.tree([file('a/b')], [file('c'), whiteout('.wh..wh..opq')]);
    expect(tree).toEqual({ c: 'file c' });
  });

  it('replaces a directory by a file or a link, and files and links by directories', async () => {
    const tree = await lab.tree(
      [file('a/x'), file('b/x'), file('c'), link('d', 'c')],
      [file('a'), link('b', 'a'), directory('c'), file('c/y'), directory('d'), file('d/y')],
    );
    expect(tree).toEqual({
      a: 'file a',
      b: 'link a',
      c: 'directory',
      'c/y': 'file c/y',
      d: 'directory',
      'd/y': 'file d/y',
    });
  });

  it('shows nothing of a directory that was a file in between', async () => {
    const tree = await lab.tree(
      [directory('a'), file('a/bottom')],
      [file('a')],
      [directory('a'), file('a/top')],
    );
    expect(tree).toEqual({ a: 'directory', 'a/top': 'file a/top' });
  });

  it('hides a file below a path that an upper layer made a link', async () => {
    const tree = await lab.tree([file('a/x'), file('b/y')], [link('a', 'b')]);
    expect(tree).toEqual({ a: 'link b', b: 'directory', 'b/y': 'file b/y' });
  });

  it('lets an undeclared directory win over a lower link into the image, as overlay file systems do', async () => {
    const tree = await lab.tree([file('usr/lib/x'), link('lib', 'usr/lib')], [file('lib/y')]);
    expect(tree).toMatchObject({ lib: 'directory', 'lib/y': 'file lib/y' });
    expect(tree).not.toHaveProperty('usr/lib/y');
  });

  it('lets the last entry win where a layer has a path twice', async () => {
    const tree = await lab.tree([
      file('a', '1'),
      file('a', '2'),
      file('b/c'),
      link('b', 'a'),
      link('d', 'a'),
      directory('d'),
      file('d/e'),
    ]);
    expect(tree).toEqual({
      a: 'file 2',
      b: 'link a',
      d: 'directory',
      'd/e': 'file d/e',
    });
  });

  it('takes back what a lower layer put into a directory that the layer itself then replaced', async () => {
    const tree = await lab.tree([file('a/x'), file('a/sub/y'), file('a', '1')], [file('a/z')]);
    expect(tree).toEqual({ a: 'directory', 'a/z': 'file a/z' });
  });

  it('declares a directory whose entry comes after its children', async () => {
    await lab.flatten([[file('a/b'), { name: 'a', type: '5', mode: 0o711, mtime: 1_000_000_000 }]]);
    const stats = statSync(join(lab.target, 'a'));
    expect([stats.mode & 0o7777, stats.mtimeMs]).toEqual([0o711, 1_000_000_000_000]);
  });

  it('takes a directory from the uppermost layer that declares it, and makes the undeclared alike every time', async () => {
    await lab.flatten([[{ name: 'a', type: '5', mode: 0o700 }], [file('a/b/c')]]);
    expect(statSync(join(lab.target, 'a')).mode & 0o7777).toBe(0o700);
    const undeclared = statSync(join(lab.target, 'a/b'));
    expect([undeclared.mode & 0o7777, undeclared.mtimeMs]).toEqual([0o755, 0]);
  });

  it('takes an empty layer and a layer that is listed twice', async () => {
    const layer = [file('a'), whiteout('.wh.b')];
    const tree = await lab.tree([file('b')], layer, [], layer);
    expect(tree).toEqual({ a: 'file a' });
  });

  describe('hard links', () => {
    const inode = (name: string): number => statSync(join(lab.target, name)).ino;

    it('link within a layer, forth and back', async () => {
      const tree = await lab.tree([
        hardLink('before', 'a'),
        file('a', 'data'),
        hardLink('after', 'before'),
        link('symbolic', 'a'),
        hardLink('linked', './symbolic'),
      ]);
      expect(tree).toMatchObject({
        before: 'file data',
        after: 'file data',
        linked: 'link a',
      });
      expect(new Set([inode('before'), inode('a'), inode('after')]).size).toBe(1);
    });

    it('link to a lower layer', async () => {
      const tree = await lab.tree([file('a', 'data')], [hardLink('b', 'a')]);
      expect(tree).toEqual({ a: 'file data', b: 'file data' });
      expect(inode('a')).toBe(inode('b'));
    });

    it('vanish with their own whiteout', async () => {
      expect(await lab.tree([file('a'), hardLink('b', 'a')], [whiteout('.wh.b')])).toEqual({
        a: 'file a',
      });
    });

    it('keep their data when an upper layer hides or replaces the target', async () => {
      const tree = await lab.tree(
        [file('a', 'of a'), file('d/b', 'of b'), link('s', 'a')],
        [
          hardLink('a2', 'a'),
          hardLink('a3', 'a2'),
          file('c', 'of c'),
          hardLink('c2', 'c'),
          hardLink('c3', 'c'),
          hardLink('b2', 'd/b'),
          hardLink('s2', 's'),
        ],
        [file('a', 'new'), whiteout('.wh.a2'), whiteout('.wh.c'), file('d'), whiteout('.wh.s')],
      );
      expect(tree).toEqual({
        a: 'file new',
        a3: 'file of a',
        b2: 'file of b',
        c2: 'file of c',
        c3: 'file of c',
        d: 'file d',
        s2: 'link a',
      });
      expect(inode('c2')).toBe(inode('c3'));
    });

    it('fail where a chain of hidden ones leads in a circle', async () => {
      const tree = lab.tree(
        [hardLink('a', 'b'), hardLink('b', 'a'), hardLink('c', 'a')],
        [whiteout('.wh.a'), whiteout('.wh.b')],
      );
      await expect(tree).rejects.toMatchObject({ code: 'layer.link_target_missing' });
    });

    it('fail with a clear reason where no layer has the target', async () => {
      await expect(lab.tree([hardLink('a', 'b')])).rejects.toMatchObject({
        code: 'layer.link_target_missing',
        temporary: false,
      });
    });
  });
});
