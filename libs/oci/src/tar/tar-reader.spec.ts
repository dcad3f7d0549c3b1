import { read, one, failure, permanentError } from '../testing/read-tar.js';
import { archive, base256, endOfArchive, entry, gnuLong, paxHeader } from '../testing/tar-archive.js';
import { bytesOf } from './byte-source.js';
import { TarReader } from './tar-reader.js';

describe('TarReader', () => {
  it.each([1, 7, 511, 512, 513, 100_000])(
    'reads the same however the stream is cut: %i bytes at a time',
    (step) => {
      const bytes = archive(
        { name: 'a', data: 'x'.repeat(1000) },
        { name: 'long', pax: { path: 'p'.repeat(300) }, data: 'y' },
        { name: 'end', type: '5' },
      );
      expect(read(bytes, step)).toEqual(read(bytes));
      expect(read(bytes).map((item) => [item.path.slice(0, 4), item.data.length])).toEqual([
        ['a', 1000],
        ['pppp', 1],
        ['end', 0],
      ]);
    },
  );

  it('skips data that nobody asks for', () => {
    const reader = new TarReader(bytesOf(archive({ name: 'a', data: 'x'.repeat(2_000_000) }, { name: 'b' })));
    expect([reader.next()?.path, reader.next()?.path, reader.next()]).toEqual(['a', 'b', undefined]);
  });

  it('knows every type', () => {
    const types = ['0', '\0', '7', '1', '2', '3', '4', '5', '6'].map(
      (type) => one({ name: 'n', type, linkName: 'l' })?.type,
    );
    expect(types).toEqual([
      'file',
      'file',
      'file',
      'link',
      'symlink',
      'character',
      'block',
      'directory',
      'fifo',
    ]);
    expect(one({ name: 'old/', type: '\0', magic: '' })?.type).toBe('directory');
    expect(failure(archive({ name: 'n', type: 'Q' }))).toEqual(permanentError('layer.entry_type_unknown'));
  });

  describe('names', () => {
    it('joins the prefix of ustar, and takes none from old or GNU archives', () => {
      expect(one({ name: 'n', prefix: 'p/q' })?.path).toBe('p/q/n');
      expect(one({ name: 'n', prefix: 'p/q', magic: 'ustar  \0' })?.path).toBe('n');
      expect(one({ name: 'n', prefix: 'p/q', magic: '' })?.path).toBe('n');
    });

    it('takes 100 bytes without an end, and more by GNU and PAX headers', () => {
      expect(one({ name: 'n'.repeat(100) })?.path).toHaveLength(100);
      const name = 'd/'.repeat(200);
      const gnu = one(
        { name: 'cut', type: '2', linkName: 'cut' },
        gnuLong('L', name),
        gnuLong('K', `${name}l`),
      );
      expect([gnu?.path, gnu?.linkPath]).toEqual([name, `${name}l`]);
      const pax = one({
        name: 'cut',
        type: '2',
        linkName: 'cut',
        pax: { path: name, linkpath: 'l'.repeat(300) },
      });
      expect([pax?.path, pax?.linkPath.length]).toEqual([name, 300]);
    });

    it('keeps bytes that are no UTF-8, and newlines', () => {
      expect(one({ name: 'a\xff\n\xfe' })?.path).toBe('a\xff\n\xfe');
      expect(one({ name: 'cut', pax: { path: '\xc3\x28=\n' } })?.path).toBe('\xc3\x28=\n');
    });

    it('refuses NUL, an empty name, and two headers that differ', () => {
      const codes = [
        archive({ name: 'a', pax: { path: 'a\0b' } }),
        archive(gnuLong('L', 'a\0b'), { name: 'a' }),
        archive({ name: '' }),
      ].map(failure);
      expect(codes).toEqual(Array(3).fill(permanentError('layer.name_invalid')));
      expect(failure(archive({ name: 'a', type: '2', linkName: '' }))).toEqual(
        permanentError('layer.link_invalid'),
      );
      expect(failure(archive(gnuLong('L', 'x'), { name: 'a', pax: { path: 'y' } }))).toEqual(
        permanentError('layer.header_contradicts'),
      );
    });

    it('refuses a header of more than 1 MB', () => {
      expect(failure(archive(gnuLong('L', 'n'.repeat(1024 * 1024 + 1)), { name: 'a' }))).toEqual(
        permanentError('layer.header_too_large'),
      );
      expect(failure(archive({ name: 'x', type: 'x', size: 8 ** 11 - 1 }))).toEqual(
        permanentError('layer.header_too_large'),
      );
    });
  });

  describe('numbers', () => {
    it('reads octal, base 256 and PAX', () => {
      expect(one({ name: 'a', mode: 0o7755, uid: 2_097_151, gid: 3 })).toMatchObject({
        mode: 0o7755,
        uid: 2_097_151,
        gid: 3,
      });
      expect(one({ name: 'a', uid: 4_000_000_000, mtime: -5 })).toMatchObject({
        uid: 4_000_000_000,
        mtime: -5,
      });
      const pax = { uid: '4000000000', gid: '2097152', mtime: '-1.25' };
      expect(one({ name: 'a', pax })).toMatchObject({
        uid: 4_000_000_000,
        gid: 2_097_152,
        mtime: -1.25,
      });
      expect(one({ name: 'a', mtime: 4e11 })?.mtime).toBe(4e11);
    });

    it('reads sizes over 8 GB by both ways, before it reaches the data', () => {
      const size = 9 * 1024 ** 3;
      const first = (bytes: Buffer): number | undefined => new TarReader(bytesOf(bytes)).next()?.size;
      expect(first(entry({ name: 'a', patch: [[124, base256(size, 12)]] }))).toBe(size);
      expect(first(entry({ name: 'a', pax: { size: String(size) } }))).toBe(size);
    });

    it('refuses what is no number, negative, or differs between headers', () => {
      expect(failure(archive({ name: 'a', patch: [[124, '12x']] }))).toEqual(
        permanentError('layer.tar_invalid'),
      );
      expect(failure(archive({ name: 'a', size: -1 }))).toEqual(permanentError('layer.tar_invalid'));
      for (const size of ['-1', '1e3', '0x1', '99999999999999999999']) {
        expect(failure(archive({ name: 'a', pax: { size } }))).toEqual(permanentError('layer.tar_invalid'));
      }
      expect(failure(archive({ name: 'a', data: 'abc', pax: { size: '2' } }))).toEqual(
        permanentError('layer.header_contradicts'),
      );
      expect(failure(archive({ name: 'a', pax: { uid: '-1' } }))).toEqual(
        permanentError('layer.tar_invalid'),
      );
    });

    it('takes checksums of both signs and no wrong one', () => {
      expect(one({ name: '\xff\xfe', checksum: 'signed' })?.path).toBe('\xff\xfe');
      expect(one({ name: '\xff\xfe', checksum: 'unsigned' })?.path).toBe('\xff\xfe');
      expect(failure(archive({ name: 'a', checksum: 'wrong' }))).toEqual(permanentError('layer.tar_invalid'));
    });
  });

  describe('PAX', () => {
    it('applies global headers until another overrules them, and an empty value takes one back', () => {
      const found = read(
        archive(
          paxHeader({ uid: '7', gid: '8' }, 'g'),
          { name: 'a', uid: 1 },
          { name: 'b', uid: 1, pax: { uid: '9' } },
          { name: 'c', uid: 1, pax: { uid: '' } },
          paxHeader({ uid: '10' }, 'g'),
          { name: 'd', uid: 1 },
        ),
      );
      expect(found.map(({ uid, gid }) => [uid, gid])).toEqual([
        [7, 8],
        [9, 8],
        [1, 8],
        [10, 8],
      ]);
    });

    it('hands on extended attributes as bytes', () => {
      const xattrs = one({ name: 'a', pax: { 'SCHILY.xattr.security.capability': '\x01\0\xff' } })?.xattrs;
      expect([...(xattrs ?? [])]).toEqual([['security.capability', '\x01\0\xff']]);
    });

    it.each(['5 a=b', '99 a=b\n', '6 ab\n\n', 'x a=b\n', '-6 a=b\n'])(
      'refuses the malformed record %j',
      (record) => {
        const bytes = Buffer.concat([entry({ name: 'x', type: 'x', data: record }), archive({ name: 'a' })]);
        expect(failure(bytes)).toEqual(permanentError('layer.tar_invalid'));
      },
    );
  });

  describe('the end', () => {
    const body = entry({ name: 'a', data: 'x' });

    it('may be two blocks of zeros, more, one or none', () => {
      const zeros = (count: number): Buffer => Buffer.alloc(512 * count);
      for (const count of [0, 1, 2, 20]) {
        expect(read(Buffer.concat([body, zeros(count)]))).toHaveLength(1);
      }
      expect(read(Buffer.concat([body, Buffer.alloc(100)]))).toHaveLength(1);
      expect(read(Buffer.alloc(0))).toEqual([]);
    });

    it('ignores what follows two blocks of zeros, and refuses entries after one', () => {
      expect(read(Buffer.concat([body, endOfArchive, Buffer.from('anything')]))).toHaveLength(1);
      expect(failure(Buffer.concat([body, Buffer.alloc(512), body, endOfArchive]))).toEqual(
        permanentError('layer.tar_invalid'),
      );
    });

    it.each([10, 512, 513, 700, 1023])('is too early after %i bytes', (count) => {
      const bytes = entry({ name: 'a', data: 'x'.repeat(600) }).subarray(0, count);
      expect(failure(bytes)).toEqual(permanentError('layer.truncated'));
    });

    it('is too early after a header that announces an entry', () => {
      expect(failure(Buffer.concat([paxHeader({ path: 'a' }), endOfArchive]))).toEqual(
        permanentError('layer.truncated'),
      );
    });
  });
});
