import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { gzipMembers, mergedZip, openZip, type ZipPart, type ZipSource, ZipWriter } from './index.js';

let directory: string;
const opened: ZipSource[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-zip-'));
});
afterAll(async () => {
  await Promise.all(opened.map((zip) => zip.close()));
  await rm(directory, { recursive: true, force: true });
});

const modified = new Date('2026-03-04T05:06:08Z');

interface Member {
  readonly path: string;
  readonly text: string;
  readonly mode?: number;
}

async function zipOf(name: string, members: readonly Member[]): Promise<ZipSource> {
  const path = join(directory, name);
  const file = await open(path, 'wx+');
  const writer = new ZipWriter(file);
  for (const { path: member, text, mode = 0o100_644 } of members) {
    const isPlain = (mode & 0o170_000) === 0o100_000;
    await writer.add(
      { path: member, mode, modified },
      isPlain ? Readable.from([Buffer.from(text)]) : Buffer.from(text),
    );
  }
  await writer.end();
  await file.close();
  return read(path);
}

async function read(path: string): Promise<ZipSource> {
  const zip = await openZip(path);
  opened.push(zip);
  return zip;
}

async function bytesOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function written(name: string, parts: readonly ZipPart[]): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, mergedZip(parts));
  return path;
}

const tree = [
  { path: 'out/', text: '', mode: 0o040_755 },
  { path: 'out/0/', text: '', mode: 0o040_750 },
  { path: 'out/0/run.sh', text: '#!/bin/sh\necho run\n', mode: 0o100_755 },
  { path: 'out/0/a/ünï.txt', text: 'text '.repeat(1_000) },
  { path: 'out/0/link', text: 'a/ünï.txt', mode: 0o120_777 },
  { path: 'out/0/empty', text: '' },
  { path: 'out/00/other', text: 'other' },
];

describe('a zip of parts of others', () => {
  it('has what lies below a directory, unpacks to the same files, modes, times and links', async () => {
    const zip = await zipOf('tree.zip', tree);
    const path = await written('cut.zip', [{ zip, below: 'out/0' }]);
    execFileSync('unzip', ['-tq', path]);
    const to = await mkdtemp(join(directory, 'unpacked-'));
    execFileSync('unzip', ['-q', path, '-d', to], { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } });
    expect(execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).split('\n')).toHaveLength(5);
    expect(await readFile(join(to, 'a/ünï.txt'), 'utf8')).toBe(tree[3]?.text);
    const { mode, mtime } = await stat(join(to, 'run.sh'));
    expect({ mode, mtime }).toEqual({ mode: 0o100_755, mtime: modified });
    expect(await readlink(join(to, 'link'))).toBe('a/ünï.txt');
  });

  it('copies what is compressed as it is, and is the same bytes each time', async () => {
    const parts = [
      { zip: await zipOf('one.zip', tree), below: 'out', under: 'first' },
      { zip: await zipOf('two.zip', tree), under: 'second/deep' },
    ];
    const once = await bytesOf(mergedZip(parts));
    expect(createHash('sha256').update(once).digest('hex')).toBe(
      createHash('sha256')
        .update(await bytesOf(mergedZip(parts)))
        .digest('hex'),
    );
    const merged = await read(await written('merged.zip', parts));
    const names: string[] = [];
    for await (const entry of merged.entries()) {
      names.push(entry.path);
      const from = entry.path.replace(/^first/, 'out').replace(/^second\/deep\//, '');
      for await (const source of (parts[0] as ZipPart).zip.entries()) {
        if (source.path !== from) continue;
        expect(entry).toEqual({ ...source, path: entry.path, headerAt: entry.headerAt });
        expect(await bytesOf(merged.packed(entry))).toEqual(
          await bytesOf((parts[0] as ZipPart).zip.packed(source)),
        );
      }
    }
    expect(names).toEqual([
      ...tree.slice(1).map(({ path }) => path.replace(/^out/, 'first')),
      ...tree.map(({ path }) => `second/deep/${path}`),
    ]);
  });

  it('takes the first of a name that comes twice', async () => {
    const [one, two] = [
      await zipOf('x.zip', [{ path: 'a', text: 'one' }]),
      await zipOf('y.zip', [
        { path: 'a', text: 'two' },
        { path: 'b', text: 'two' },
      ]),
    ];
    const merged = await read(await written('both.zip', [{ zip: one }, { zip: two }]));
    const found: string[] = [];
    for await (const entry of merged.entries())
      found.push(`${entry.path}=${(await bytesOf(merged.plain(entry))).toString()}`);
    expect(found).toEqual(['a=one', 'b=two']);
  });

  it('is a zip without files where there is nothing', async () => {
    const path = await written('nothing.zip', [{ zip: await zipOf('z.zip', tree), below: 'nowhere' }]);
    for await (const entry of (await read(path)).entries()) expect(entry).toBeUndefined();
  });

  it('has more files than fit into sixteen bits', async () => {
    const members = Array.from({ length: 400 }, (_, n) => ({ path: `f${n}`, text: `${n}` }));
    const zip = await zipOf('many.zip', members);
    const parts = Array.from({ length: 170 }, (_, n) => ({ zip, under: `item-${n}` }));
    const path = await written('very-many.zip', parts);
    execFileSync('unzip', ['-tq', path]);
    let count = 0;
    for await (const { path: name } of (await read(path)).entries())
      count += name.startsWith('item-') ? 1 : 0;
    expect(count).toBe(68_000);
  });

  it('is longer than four gibibytes', async () => {
    const zeros = Buffer.alloc(1 << 20);
    const large: ZipSource = {
      async *entries() {
        const entry = { path: 'large', crc: 0, isDeflated: false, mode: 0o100_644, modified, headerAt: 0 };
        yield { ...entry, size: 4_100 * zeros.length, packedSize: 4_100 * zeros.length };
      },
      async *packed() {
        for (let n = 0; n < 4_100; n++) yield zeros;
      },
      plain: () => Readable.from([]),
      close: async () => {},
    };
    const path = join(directory, 'large.zip');
    const file = await open(path, 'w');
    let at = 0;
    // What is nothing but zeros becomes a hole.
    for await (const piece of mergedZip([
      { zip: large },
      { zip: await zipOf('small.zip', tree), under: 'after' },
    ])) {
      if (!piece.equals(zeros)) await file.write(piece, 0, piece.length, at);
      at += piece.length;
    }
    await file.close();
    const zip = await read(path);
    const texts: string[] = [];
    for await (const entry of zip.entries())
      if (entry.path.endsWith('run.sh')) texts.push((await bytesOf(zip.plain(entry))).toString());
      else if (entry.path === 'large') texts.push(`${entry.size}`);
    expect(texts).toEqual([`${4_100 * 2 ** 20}`, '#!/bin/sh\necho run\n']);
  });
});

describe('a zip that others made', () => {
  it('is read, with short fields and in their own order', async () => {
    const repository = await mkdtemp(join(directory, 'repository-'));
    const git = (...args: string[]): Buffer =>
      execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org', ...args], {
        cwd: repository,
      });
    git('init', '-q');
    await writeFile(join(repository, 'a.txt'), 'hello '.repeat(100));
    git('add', '.');
    git('commit', '-qm', 'one');
    const path = join(directory, 'git.zip');
    await writeFile(path, git('archive', '--format=zip', 'HEAD'));
    const zip = await read(await written('of-git.zip', [{ zip: await read(path), under: 'x' }]));
    for await (const entry of zip.entries()) {
      expect(entry.path).toBe('x/a.txt');
      expect((await bytesOf(zip.plain(entry))).toString()).toBe('hello '.repeat(100));
    }
  });

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['no zip', () => Buffer.from('x'.repeat(100))],
    ['cut off', (whole: Buffer) => whole.subarray(0, whole.length - 40)],
    ['damaged in its directory', (whole: Buffer) => Buffer.concat([whole.subarray(500)])],
    [
      'encrypted',
      (whole: Buffer) => {
        const at = whole.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
        whole[at + 8] = 1;
        return whole;
      },
    ],
  ])('is refused when it is %s', async (name, damage) => {
    await zipOf(`${name}-whole.zip`, tree);
    const path = join(directory, `${name}.zip`);
    await writeFile(path, damage(await readFile(join(directory, `${name}-whole.zip`))));
    const reading = async (): Promise<void> => {
      const zip = await read(path);
      for await (const entry of zip.entries()) await bytesOf(zip.packed(entry));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'zip.malformed', temporary: false });
  });
});

describe('files as gzip', () => {
  it('are a member each, with name and path', async () => {
    const gzip = await bytesOf(gzipMembers({ zip: await zipOf('g.zip', tree), below: 'out/0' }));
    expect(gunzipSync(gzip).toString()).toBe(`#!/bin/sh\necho run\n${tree[3]?.text}`);
    expect(gzip.includes(Buffer.from('ünï.txt\0a/ünï.txt\0'))).toBe(true);
    execFileSync('gzip', ['-t'], { input: gzip });
  });
});
