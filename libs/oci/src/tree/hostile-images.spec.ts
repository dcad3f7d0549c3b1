import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdBomb } from '../testing/zstd-bomb.js';
import { gzipSync } from 'node:zlib';
import { LayerLab, untouched, type LayerContent } from '../testing/layer-lab.js';
import { archive, gnuLong, type EntryOptions } from '../testing/tar-archive.js';
import type { FlattenOptions } from './flatten.js';

const file = (name: string, data = 'evil'): EntryOptions => ({ name, data });
const link = (name: string, linkName: string): EntryOptions => ({ name, type: '2', linkName });
const hardLink = (name: string, linkName: string): EntryOptions => ({ name, type: '1', linkName });
const device = (name: string, type: string): EntryOptions => ({ name, type, device: [8, 0] });

describe('hostile images', () => {
  let lab: LayerLab;
  let out: string;
  beforeEach(() => {
    lab = new LayerLab();
    out = lab.outside;
  });
  afterEach(async () => {
    expect(lab.strangers()).toEqual(untouched);
    await lab.remove();
  });

  async function refused(
    code: string,
    layers: readonly LayerContent[],
    options: Partial<FlattenOptions> = {},
  ): Promise<string> {
    const error: unknown = await lab.flatten(layers, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code, temporary: false });
    return error instanceof Error ? error.message : '';
  }

  describe('names that lead out', () => {
    it.each(['../evil', 'a/../../evil', '/../evil', './../evil', '..', 'a/../..'])(
      'are refused: %j',
      async (name) => {
        await refused('layer.path_escapes', [[file(name)]]);
      },
    );

    it('are refused as directories, links, whiteouts and in PAX and GNU headers', async () => {
      for (const entries of [
        [{ name: '../d', type: '5' }],
        [link('../l', 'x')],
        [{ name: '../.wh.outside' }],
        [{ name: 'good', pax: { path: '../evil' } }],
        [gnuLong('L', '../evil'), { name: 'good' }],
      ]) {
        await refused('layer.path_escapes', [entries]);
      }
    });

    it('are refused when absolute, but for the top itself', async () => {
      await refused('layer.absolute_name', [[file(join(out, 'secret'))]]);
      await lab.remove();
      lab = new LayerLab();
      expect(await lab.tree([{ name: '/', type: '5' }, file('a')])).toEqual({ a: 'file evil' });
    });

    it('are refused with the layer and the name in the reason', async () => {
      const message = await refused('layer.path_escapes', [[file('ok')], [file('../\x1b[31mevil')]]);
      expect(message).toMatch(/^layer 2 \(sha256:[0-9a-f]{64}\): the name "\.\.\/\\u001b\[31mevil"/);
    });
  });

  describe('symbolic links that lead out', () => {
    it('are kept as what they are', async () => {
      expect(await lab.tree([[link('a', out), link('b', '../../..')]].flat())).toEqual({
        a: `link ${out}`,
        b: 'link ../../..',
      });
    });

    it.each([
      ['absolute', (path: string) => path],
      ['relative', () => '../outside'],
    ])('are not written through: %s', async (_, to) => {
      const evil = link('a', to(out));
      await refused('layer.path_through_link', [[evil, file('a/secret')]]);
    });

    it('are not written through over two layers, in either order', async () => {
      await refused('layer.path_through_link', [[link('a', out)], [file('a/secret')]]);
      await lab.remove();
      lab = new LayerLab();
      expect(await lab.tree([file('a/secret')], [link('a', lab.outside)])).toEqual({
        a: `link ${lab.outside}`,
      });
    });

    it('are replaced, not followed, by a directory that is declared', async () => {
      const tree = await lab.tree([link('a', out)], [{ name: 'a', type: '5' }, file('a/secret')]);
      expect(tree).toEqual({ a: 'directory', 'a/secret': 'file evil' });
    });

    it('are not followed when a directory is swapped for one within a layer', async () => {
      const swapped = [{ name: 'a', type: '5' }, link('a', out), file('a/secret')];
      await refused('layer.path_through_link', [swapped]);
    });

    it('are not followed by directories, links, hard links, whiteouts, fifos or special modes', async () => {
      for (const entry of [
        { name: 'a/b', type: '5', mode: 0o777 },
        link('a/b', 'x'),
        { name: 'a/.wh.secret' },
        { name: 'a/.wh..wh..opq' },
        { name: 'a/pipe', type: '6' },
        hardLink('stolen', 'a/secret'),
        hardLink('a/b', 'here'),
      ]) {
        await lab.remove();
        lab = new LayerLab();
        await refused('layer.path_through_link', [[file('here'), link('a', lab.outside), entry]]);
      }
    });

    it('are replaced, not followed, by a file or directory of the same name', async () => {
      const secret = join(out, 'secret');
      const tree = await lab.tree([
        link('a', secret),
        file('a'),
        link('b', out),
        { name: 'b', type: '5', mode: 0o700 },
      ]);
      expect(tree).toEqual({ a: 'file evil', b: 'directory' });
    });

    it('are not followed in chains', async () => {
      await refused('layer.path_through_link', [
        [link('a', 'b'), link('b', 'c'), link('c', out), file('a/secret')],
      ]);
    });
  });

  describe('hard links that lead out', () => {
    it.each(['../outside/secret', '/../../etc/passwd'])('are refused: %j', async (target) => {
      await refused('layer.path_escapes', [[hardLink('a', target)]]);
    });

    it('find nothing when absolute: they begin at the tree', async () => {
      await refused('layer.link_target_missing', [[hardLink('a', join(out, 'secret'))]]);
    });

    it('link a symbolic link itself, and a file then replaces that alone', async () => {
      const entries = [link('a', join(out, 'secret')), hardLink('b', 'a'), file('b')];
      expect(await lab.tree(entries)).toEqual({
        a: `link ${join(out, 'secret')}`,
        b: 'file evil',
      });
    });

    it('to directories or to the top are refused', async () => {
      await refused('layer.link_invalid', [[{ name: 'd', type: '5' }, hardLink('a', 'd')]]);
      await lab.remove();
      lab = new LayerLab();
      await refused('layer.link_invalid', [[hardLink('a', '.')]]);
    });
  });

  describe('the top', () => {
    it.each([link('.', '/etc'), link('./', '/etc'), file('/'), { name: '.', type: '6' }])(
      'cannot be made something else: %j',
      async (entry) => {
        await refused('layer.root_replaced', [[entry]]);
      },
    );

    it.each(['.wh.', '.wh..', '.wh...', 'a/.wh...', '.wh..wh..opq/x', '.wh.a/b', '.wh..wh./x'])(
      'and what is above it cannot be whited out: %j',
      async (name) => {
        const content = [[file('a/x')], [file(name)]];
        if (name === '.wh..wh./x' || name === '.wh..wh..opq/x') {
          const { leftOut } = await lab.flatten(content);
          expect(leftOut).toEqual({ aufs_metadata: 1 });
        } else {
          await refused('layer.whiteout_invalid', content);
        }
      },
    );
  });

  describe('devices', () => {
    it.each([
      device('dev/sda', '4'),
      device('dev/mem', '3'),
      device('null', '3'),
      device('dev/null', '4'),
      device('a/dev/null', '3'),
    ])('are refused: %j', async (entry) => {
      await refused('layer.device_node', [[entry]]);
    });

    it('are refused before anything is opened through a link', async () => {
      await refused('layer.device_node', [[device('a', '4'), file('a')]]);
    });

    it('do no harm where an upper layer hides them', async () => {
      expect(await lab.tree([device('a', '4')], [{ name: '.wh.a' }])).toEqual({});
    });
  });

  describe('bombs', () => {
    it('by compression are stopped, whatever the format', async () => {
      const limits = { ratioFromBytes: 1024 * 1024 };
      const gzip = gzipSync(archive(file('a', '\0'.repeat(20 * 1024 * 1024))));
      await refused('layer.compression_ratio', [gzip], { limits });
      await lab.remove();
      lab = new LayerLab();
      await refused('layer.compression_ratio', [zstdBomb(40_000)], { limits });
    });

    it('by size, of one file or of all, are stopped', async () => {
      await refused('layer.file_too_large', [[file('a', 'x'.repeat(2000))]], {
        limits: { fileBytes: 1999 },
      });
      await lab.remove();
      lab = new LayerLab();
      const layers = [[file('a', 'x'.repeat(1000))], [file('b', 'x'.repeat(1000))]];
      await refused('layer.tree_too_large', layers, { limits: { totalBytes: 1999 } });
      await lab.remove();
      lab = new LayerLab();
      const pax = { 'GNU.sparse.size': String(2 ** 52), 'GNU.sparse.map': '0,1' };
      await refused('layer.file_too_large', [[{ name: 'hole', data: 'x', pax }]]);
    });

    it('by number are stopped, over all layers', async () => {
      const many = Array.from({ length: 60 }, (_, index) => file(`f${index}`, ''));
      await refused('layer.too_many_entries', [many, many], { limits: { entries: 100 } });
    });

    it('by depth or length of a name are stopped', async () => {
      const named = (path: string): EntryOptions[] => [{ name: 'x', pax: { path } }];
      await refused('layer.path_too_deep', [named('d/'.repeat(10_000))]);
      for (const [code, path] of [
        ['layer.name_too_long', 'n'.repeat(256)],
        ['layer.name_too_long', 'n'.repeat(1_000_000)],
        ['layer.path_too_long', `${'n'.repeat(200)}/`.repeat(30)],
      ] as const) {
        await lab.remove();
        lab = new LayerLab();
        await refused(code, [named(path)]);
      }
    });

    it('of link targets that no file system holds are refused', async () => {
      await refused('layer.path_too_long', [
        [{ name: 'a', type: '2', linkName: 'x', pax: { linkpath: 'l'.repeat(5000) } }],
      ]);
    });
  });

  it('finds a path taken by somebody else and touches nothing of it', async () => {
    const layer = lab.blob([file('a')]);
    const waiting = lab.flatten([
      {
        ...layer,
        ready: () => {
          writeFileSync(join(lab.target, 'a'), 'of somebody else');
          return layer.ready();
        },
      },
    ]);
    await expect(waiting).rejects.toMatchObject({ code: 'tree.changed_underneath' });
    expect(statSync(join(lab.target, 'a')).size).toBe('of somebody else'.length);
  });

  it('writes into no directory that holds something already', async () => {
    await lab.flatten([[file('a')]]);
    await refused('tree.target_not_empty', [[file('b')]]);
  });
});
