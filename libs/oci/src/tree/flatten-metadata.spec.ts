import { execFileSync } from 'node:child_process';
import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../layers/programs.js';
import { LayerLab } from '../testing/layer-lab.js';
import { paxHeader, type EntryOptions } from '../testing/tar-archive.js';

const isRoot = process.geteuid?.() === 0;
const asRoot = isRoot ? it : it.skip;

describe('names in a tree', () => {
  let lab: LayerLab;
  beforeEach(() => {
    lab = new LayerLab();
  });
  afterEach(() => lab.remove());

  it.each(['./a', 'b/../a', './/./a', 'b/./../a'])('reads %j as "a"', async (name) => {
    expect(await lab.tree([{ name, data: '1' }])).toEqual({ a: 'file 1' });
  });

  it('takes trailing and doubled slashes of directories', async () => {
    const tree = await lab.tree([
      { name: 'a//b/', type: '5' },
      { name: './', type: '5', mode: 0o711 },
    ]);
    expect(tree).toEqual({ a: 'directory', 'a/b': 'directory' });
    expect(statSync(lab.target).mode & 0o7777).toBe(0o711);
  });

  it('keeps bytes that are no UTF-8, newlines, quotes, case and 255 bytes', async () => {
    const names = ['\xff\xfe', 'a\nb', 'a"b\'c\\', 'CASE', 'case', 'n'.repeat(255), '\xc3\xa9'];
    const layer = names.map((name) => ({
      name: 'cut',
      pax: { path: `d\xe9/${name}` },
      data: name.slice(0, 3),
    }));
    const tree = await lab.tree([
      ...layer,
      { name: 'link', type: '2', linkName: '\xff' },
      { name: 'hard', type: '1', linkName: 'd\xe9/\xff\xfe' },
    ]);
    expect(Object.keys(tree).sort()).toEqual(
      ['d\xe9', 'hard', 'link', ...names.map((name) => `d\xe9/${name}`)].sort(),
    );
    expect(tree['hard']).toBe('file \xff\xfe');
  });

  it('takes paths of more than 255 bytes', async () => {
    const name = `${'d'.repeat(90)}/`.repeat(10) + 'f';
    const tree = await lab.tree([{ name: 'cut', pax: { path: name }, data: '1' }]);
    expect(tree[name]).toBe('file 1');
  });
});

describe('metadata in a tree', () => {
  let lab: LayerLab;
  beforeEach(() => {
    lab = new LayerLab();
  });
  afterEach(() => lab.remove());
  const stat = (name: string): ReturnType<typeof lstatSync> => lstatSync(join(lab.target, name));
  const modeOf = (name: string): number => Number(stat(name)?.mode) & 0o7777;

  it('keeps setuid, setgid, sticky, no permissions, and modes that the umask would cut', async () => {
    const modes = [0o4755, 0o2755, 0o1777, 0, 0o666, 0o777, 0o6711];
    await lab.flatten([
      modes.flatMap((mode): EntryOptions[] => [
        { name: `f${mode}`, mode, data: 'x' },
        { name: `d${mode}`, type: '5', mode },
        { name: `d${mode}/child`, mode, data: 'x' },
      ]),
    ]);
    for (const mode of modes) {
      expect([modeOf(`f${mode}`), modeOf(`d${mode}`)]).toEqual([mode, mode]);
    }
  });

  asRoot('as root: keeps huge owners, with setuid, of files, links and directories', async () => {
    const [uid, gid] = [4_000_000_000, 2_097_152];
    await lab.flatten(
      [
        [
          { name: 'd', type: '5', uid, gid, mode: 0o2750 },
          { name: 'd/f', uid, gid, mode: 0o4750, data: 'x' },
          { name: 'd/l', type: '2', linkName: 'f', uid, gid },
          { name: 'p', pax: { uid: String(uid), gid: String(gid) } },
        ],
      ],
      { owners: 'keep' },
    );
    for (const name of ['d', 'd/f', 'd/l', 'p']) expect(stat(name)).toMatchObject({ uid, gid });
    expect([modeOf('d'), modeOf('d/f')]).toEqual([0o2750, 0o4750]);
  });

  it('leaves the owner to the writer where asked to', async () => {
    await lab.flatten([[{ name: 'f', uid: 4_000_000_000, gid: 7, mode: 0o4755 }]]);
    expect(stat('f')).toMatchObject({ uid: process.geteuid?.(), gid: process.getegid?.() });
    expect(modeOf('f')).toBe(0o4755);
  });

  it('keeps fractional, negative and far times, of directories that are written to later too', async () => {
    const times: Record<string, number> = {
      fraction: 1_600_000_000.25,
      before: -86_400.5,
      far: 7_000_000_000,
      zero: 0,
    };
    await lab.flatten([
      Object.entries(times).flatMap(([name, mtime]): EntryOptions[] => [
        { name: `d${name}`, type: '5', pax: { mtime: String(mtime) } },
        { name: `d${name}/f`, pax: { mtime: String(mtime) }, data: 'x' },
        { name: `d${name}/l`, type: '2', linkName: 'f', pax: { mtime: String(mtime) } },
      ]),
    ]);
    for (const [name, mtime] of Object.entries(times)) {
      for (const path of [`d${name}`, `d${name}/f`, `d${name}/l`]) {
        expect([path, Number(stat(path)?.mtimeMs)]).toEqual([path, mtime * 1000]);
      }
    }
  });

  it('takes times that no file system holds without failing', async () => {
    await lab.flatten([
      [
        { name: 'a', pax: { mtime: '99999999999999999999' } },
        { name: 'b', pax: { mtime: '-99999999999999999999' } },
      ],
    ]);
    for (const name of ['a', 'b']) expect(stat(name)?.isFile()).toBe(true);
  });

  it('writes sparse files with their holes', async () => {
    const size = 64 * 1024 * 1024;
    const pax = { 'GNU.sparse.size': String(size), 'GNU.sparse.map': `0,1,${size - 10},2` };
    await lab.flatten([[{ name: 'sparse', data: 'ABC', pax }]]);
    const stats = stat('sparse');
    expect(Number(stats?.size)).toBe(size);
    expect(Number(stats?.blocks) * 512).toBeLessThan(size / 10);
  });

  it('makes fifos, with hard links to them, and leaves out the devices that engines bring themselves', async () => {
    const device = (name: string): EntryOptions => ({ name, type: '3', device: [1, 3] });
    const { leftOut } = await lab.flatten([
      [
        { name: 'pipe', type: '6', mode: 0o4622 },
        { name: 'again', type: '1', linkName: 'pipe' },
        device('dev/null'),
        device('./dev/console'),
        { name: 'dev/link', type: '1', linkName: 'dev/null' },
      ],
    ]);
    expect([stat('pipe')?.isFIFO(), modeOf('pipe'), stat('again')?.ino]).toEqual([
      true,
      0o4622,
      stat('pipe')?.ino,
    ]);
    expect(leftOut).toEqual({ device: 2, link_to_left_out: 1 });
    expect(stat.bind(undefined, 'dev/null')).toThrow('ENOENT');
  });

  it('sets extended attributes where it can and counts the others', async () => {
    const capability = '\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0';
    const result = await lab.flatten([
      [
        {
          name: 'odd\n\\name\xff',
          data: 'x',
          pax: {
            'SCHILY.xattr.user.a': 'b\0c',
            'SCHILY.xattr.trusted.overlay.opaque': 'y',
            'SCHILY.xattr.bad name\nuser.b': '1',
          },
        },
        { name: 'ping', data: 'x', pax: { 'SCHILY.xattr.security.capability': capability } },
      ],
    ]);
    const getfattr = findProgram('getfattr');
    const seen =
      getfattr === undefined
        ? ''
        : execFileSync(getfattr, ['-R', '-d', '-m-', '--absolute-names', lab.target]).toString();
    const set = (seen.match(/^(user\.a=0sYgBj|security\.capability=0s)/gm) ?? []).length;
    expect(result.leftOut).toEqual({ xattr: 4 - set });
    if (isRoot && findProgram('setfattr') !== undefined) expect(seen).toContain('security.cap');
  });

  it('applies a global PAX header', async () => {
    await lab.flatten([[paxHeader({ mtime: '1000' }, 'g'), { name: 'a' }]]);
    expect(stat('a')?.mtimeMs).toBe(1_000_000);
  });
});
