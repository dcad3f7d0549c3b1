import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import type { LayerBlob } from '../image-source.js';
import { IndexReader } from '../layers/index-reader.js';
import { IndexWriter } from '../layers/index-writer.js';
import { bytesOf } from '../tar/byte-source.js';
import { TarReader } from '../tar/tar-reader.js';
import { describeTree, LayerLab, listTree } from '../testing/layer-lab.js';
import { randomLayers, randomOf } from '../testing/random-image.js';
import { archive, type EntryOptions } from '../testing/tar-archive.js';
import { catalogMarker } from './additions.js';
import type { FlattenOptions, FlattenResult } from './flatten.js';
import { defaultLimits } from './limits.js';
import { LinkSender } from './link-sender.js';
import { Linker } from './linker.js';
import type { OldTreeOptions } from './old-tree.js';
import { TreeBuilder } from './tree-builder.js';

type Layers = readonly (readonly EntryOptions[])[];

/** In this thread; layers below `indexed` come as indexes. */
function build(
  layers: Layers,
  target: string,
  indexes: readonly string[],
  old?: OldTreeOptions,
  linker?: LinkSender,
): void {
  mkdirSync(target, { recursive: true });
  const options = { target, owners: 'mine', limits: defaultLimits, additions: [] } as const;
  const builder = new TreeBuilder({ ...options, layerCount: layers.length, old, linker });
  const add = (layer: number, data: boolean): void => {
    const index = indexes[layer];
    const reader =
      index === undefined || data
        ? new TarReader(bytesOf(archive(...(layers[layer] ?? []))))
        : new IndexReader(index);
    builder.addLayer(layer, reader);
  };
  for (let layer = layers.length - 1; layer >= 0; layer--) add(layer, false);
  for (let wanted = builder.wanted(); wanted !== undefined; wanted = builder.wanted()) {
    const { data } = wanted;
    wanted.layers.forEach((layer) => add(layer, data));
  }
  builder.finish();
}

function writeIndex(entries: readonly EntryOptions[], path: string): void {
  const reader = new TarReader(bytesOf(archive(...entries)));
  const writer = new IndexWriter(path);
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) writer.add(entry);
  writer.finish();
}

describe('taking from an older tree', () => {
  let lab: LayerLab;
  let old: string;
  let indexDirectory: string;
  let linker: Linker;
  beforeEach(() => {
    linker = new Linker();
    lab = new LayerLab();
    old = join(lab.directory, 'old');
    indexDirectory = join(lab.directory, 'indexes');
  });
  afterEach(async () => {
    await linker.stop();
    await lab.remove();
  });

  it('gives what making the tree anew gives, by links of one and of two threads and in place, for random images', () => {
    let compared = 0;
    for (let seed = 1; seed <= 250; seed++) {
      const random = randomOf(seed);
      const shared = 1 + random(3);
      const oldLayers = randomLayers(random, shared + random(2), 9);
      const base = oldLayers.slice(0, shared);
      const newLayers = [...base, ...randomLayers(random, random(3), 6)];
      const at = (name: string): string => join(lab.directory, `${seed}-${name}`);
      try {
        build(oldLayers, at('old'), []);
        build(newLayers, at('fresh'), []);
      } catch {
        continue;
      }
      const indexes = oldLayers.map((entries, index) => {
        writeIndex(entries, at(`index-${index}`));
        return at(`index-${index}`);
      });
      const known = indexes.slice(0, shared);
      const reuse = { shared, above: indexes.slice(shared) };
      const before = describeTree(at('old'));
      cpSync(at('old'), at('copy'), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      build(newLayers, at('linked'), known, { ...reuse, root: at('old') });
      linker.begin();
      build(newLayers, at('beside'), known, { ...reuse, root: at('old') }, new LinkSender(linker.memory));
      build(newLayers, at('copy'), known, { ...reuse, root: undefined });
      const expected = { seed, tree: describeTree(at('fresh')) };
      expect({ seed, tree: describeTree(at('linked')) }).toEqual(expected);
      expect({ seed, tree: describeTree(at('beside')) }).toEqual(expected);
      expect({ seed, tree: describeTree(at('copy')) }).toEqual(expected);
      expect(describeTree(at('old'))).toEqual(before);
      compared++;
    }
    expect(compared).toBeGreaterThan(60);
  });

  describe('through flatten', () => {
    let base: LayerBlob;
    let top: LayerBlob;
    let asked: string[];
    const watched = (name: string, entries: readonly EntryOptions[]): LayerBlob => {
      const blob = lab.blob(entries);
      return {
        ...blob,
        ready: () => {
          asked.push(name);
          return blob.ready();
        },
      };
    };
    const flat = (layers: readonly LayerBlob[], options: Partial<FlattenOptions>): Promise<FlattenResult> =>
      lab.flatten(layers, { indexDirectory, additions: [catalogMarker], ...options });
    const reuse = (method: 'link' | 'in-place'): Partial<FlattenOptions> => ({
      reuse: { layers: [base.digest, top.digest], root: old, method },
    });

    beforeEach(async () => {
      asked = [];
      base = watched('base', [
        { name: 'd', type: '5', mode: 0o555 },
        { name: 'd/kept', data: 'kept', mode: 0o4755 },
        { name: 'd/shadowed', data: 'of base' },
        { name: 'l', type: '2', linkName: 'd/kept' },
        { name: 'd/\xff', data: 'odd name' },
        { name: 'gone', data: 'gone' },
      ]);
      top = watched('top', [{ name: 'd/shadowed', data: 'of top' }, { name: '.wh.gone' }]);
      await flat([base, top], { target: old });
      asked = [];
    });

    it('reads only layers that are new and shares the rest', async () => {
      const next = watched('next', [
        { name: 'd/shadowed', data: 'of next' },
        { name: '.wh.gone' },
        { name: 'new', data: '1' },
      ]);
      const { reusedFiles, files } = await flat([base, next], reuse('link'));
      expect([reusedFiles, files, asked]).toEqual([2, 5, ['next']]);
      for (const path of ['d/kept', 'l']) {
        expect(lstatSync(join(lab.target, path)).ino).toBe(lstatSync(join(old, path)).ino);
      }
      expect(describeTree(lab.target)).toMatchObject({
        d: 'directory 555 1700000000',
        'd/kept': 'file kept 4755 1700000000',
        'd/shadowed': 'file of next 644 1700000000',
        'd/\xff': 'file odd name 644 1700000000',
        new: 'file 1 644 1700000000',
      });
      expect(listTree(old)['d/shadowed']).toBe('file of top');
    });

    it('takes hard links whose target an upper layer hides without reading their layer again', async () => {
      const linked = watched('linked', [
        { name: 'target', data: 'shared' },
        { name: 'one', type: '1', linkName: 'target' },
        { name: 'two', type: '1', linkName: 'target' },
      ]);
      const hiding = watched('hiding', [{ name: '.wh.target' }]);
      await flat([linked, hiding], { target: join(lab.directory, 'older') });
      asked = [];
      const next = watched('next', [{ name: 'target', data: 'new' }]);
      await flat([linked, next], {
        reuse: {
          layers: [linked.digest, hiding.digest],
          root: join(lab.directory, 'older'),
          method: 'link',
        },
      });
      expect(asked).toEqual(['next']);
      expect(listTree(lab.target)).toMatchObject({
        target: 'file new',
        one: 'file shared',
        two: 'file shared',
      });
      expect(statSync(join(lab.target, 'one')).ino).toBe(statSync(join(lab.target, 'two')).ino);
    });

    it('reads a shared layer for what only the older image hid', async () => {
      const { reusedFiles } = await flat([base], reuse('link'));
      expect([reusedFiles, asked]).toEqual([2, ['base']]);
      expect(listTree(lab.target)).toMatchObject({ 'd/shadowed': 'file of base', gone: 'file gone' });
    });

    it('makes a copy of the older tree the new one, and removes what the new one has not', async () => {
      execFileSync('cp', ['-a', old, lab.target]);
      writeFileSync(join(lab.target, 'stray'), 'x');
      const inode = statSync(join(lab.target, 'd/kept')).ino;
      const next = watched('next', [{ name: '.wh.l' }, { name: 'd/shadowed', type: '5' }]);
      const { reusedFiles } = await flat([base, next], reuse('in-place'));
      expect([reusedFiles, asked]).toEqual([2, ['next', 'base']]);
      expect(statSync(join(lab.target, 'd/kept')).ino).toBe(inode);
      const tree = describeTree(lab.target);
      await flat([base, next], { target: join(lab.directory, 'fresh') });
      expect(tree).toEqual(describeTree(join(lab.directory, 'fresh')));
    });

    it.each(['link', 'in-place'] as const)('makes the tree anew without indexes: %s', async (method) => {
      rmSync(indexDirectory, { recursive: true });
      if (method === 'in-place') execFileSync('cp', ['-a', old, lab.target]);
      const { reusedFiles } = await flat([base, top], reuse(method));
      expect([reusedFiles, asked]).toEqual([0, ['top', 'base']]);
      expect(describeTree(lab.target)).toEqual(describeTree(old));
    });

    it.each([
      ['cut', (bytes: string) => writeFileSync(bytes, 'slipway layer index 1\n\x00')],
      ['empty', (bytes: string) => writeFileSync(bytes, '')],
    ])('makes the tree anew, and the index too, where one is %s', async (_, damage) => {
      for (const name of readdirSync(indexDirectory)) damage(join(indexDirectory, name));
      const { reusedFiles } = await flat([base, top], reuse('link'));
      expect([reusedFiles, describeTree(lab.target)]).toEqual([0, describeTree(old)]);
      const again = await flat([base, top], { ...reuse('link'), target: join(lab.directory, 'again') });
      expect(again.reusedFiles).toBe(3);
    });

    it.each([
      ['link', 2, ['base']],
      ['in-place', 0, ['top', 'base']],
    ] as const)('reads what the older tree lacks: %s', async (method, reused, read) => {
      const whole = describeTree(old);
      const { mode } = statSync(join(old, 'd'));
      chmodSync(join(old, 'd'), 0o755);
      rmSync(join(old, 'd/kept'));
      chmodSync(join(old, 'd'), mode);
      if (method === 'in-place') execFileSync('cp', ['-a', old, lab.target]);
      const { reusedFiles } = await flat([base, top], reuse(method));
      expect([reusedFiles, asked]).toEqual([reused, read]);
      expect(describeTree(lab.target)).toEqual(whole);
    });

    it('forgets indexes that nobody asked for in a month, and drafts that a crash left', async () => {
      const named = (digit: string): string => join(indexDirectory, `sha256-${digit.repeat(64)}.index`);
      const old = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000);
      for (const path of [named('1'), named('2'), `${named('3')}.draft`]) writeFileSync(path, '');
      for (const path of [named('1'), `${named('3')}.draft`]) utimesSync(path, old, old);
      utimesSync(join(indexDirectory, 'last-cleaned'), old, old);
      await flat([lab.blob([{ name: 'other' }])], {});
      const left = readdirSync(indexDirectory);
      expect(left).toHaveLength(5);
      expect(left).not.toContain(basename(named('1')));
    });

    it('leaves no draft of an index behind when a layer turns out to be broken', async () => {
      const broken = lab.blob([{ name: 'x' }, { name: '../evil' }]);
      await expect(flat([base, broken], {})).rejects.toMatchObject({ code: 'layer.path_escapes' });
      expect(readdirSync(indexDirectory).filter((name) => name.endsWith('.draft'))).toEqual([]);
    });
  });
});
