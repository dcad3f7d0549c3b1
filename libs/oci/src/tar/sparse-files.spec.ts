import { read, one, failure, permanentError } from '../testing/read-tar.js';
import { archive, endOfArchive, entry, padded } from '../testing/tar-archive.js';

describe('TarReader', () => {
  describe('sparse files', () => {
    const sparse = { size: 20, data: '.....ABC.......DE...' };

    it('reads GNU format 0.0', () => {
      const pax = [
        ['GNU.sparse.size', '20'],
        ['GNU.sparse.numblocks', '2'],
        ['GNU.sparse.offset', '5'],
        ['GNU.sparse.numbytes', '3'],
        ['GNU.sparse.offset', '15'],
        ['GNU.sparse.numbytes', '2'],
      ] as const;
      expect(one({ name: 'a', data: 'ABCDE', pax })).toMatchObject({ ...sparse, path: 'a' });
    });

    it('reads GNU format 0.1', () => {
      const pax = {
        'GNU.sparse.size': '20',
        'GNU.sparse.map': '5,3,15,2',
        'GNU.sparse.name': 'real',
      };
      expect(one({ name: 'a', data: 'ABCDE', pax })).toMatchObject({ ...sparse, path: 'real' });
    });

    it('reads GNU format 1.0, also with a map of more than one block', () => {
      const pax = {
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'real',
        'GNU.sparse.realsize': '20',
      };
      const map = padded(Buffer.from('2\n5\n3\n15\n2\n'));
      const data = Buffer.concat([map, Buffer.from('ABCDE')]);
      expect(one({ name: 'a', data, pax })).toMatchObject({ ...sparse, path: 'real' });

      const pieces = Array.from({ length: 300 }, (_, index) => `${index * 10}\n1\n`).join('');
      const many = Buffer.concat([padded(Buffer.from(`300\n${pieces}`)), Buffer.alloc(300, 'x')]);
      const found = read(
        archive({ name: 'a', data: many, pax: { ...pax, 'GNU.sparse.realsize': '3000' } }, { name: 'b' }),
      );
      expect(found.map((item) => item.path)).toEqual(['real', 'b']);
      expect(found[0]?.data).toBe(`x${'.'.repeat(9)}`.repeat(300));
    });

    it('reads the old GNU format, also with extension blocks', () => {
      const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
      const map = (pairs: readonly number[]): string => pairs.map(octal).join('');
      const gnu = { name: 'a', type: 'S', magic: 'ustar  \0' };
      const simple = one({
        ...gnu,
        data: 'ABCDE',
        patch: [
          [386, map([5, 3, 15, 2, 20, 0])],
          [483, octal(20)],
        ],
      });
      expect(simple).toMatchObject(sparse);
      const extension = Buffer.alloc(512);
      extension.write(map([40, 1, 50, 0]), 'latin1');
      const header = entry({
        ...gnu,
        size: 5,
        patch: [
          [386, map([0, 1, 10, 1, 20, 1, 30, 1])],
          [482, '\x01'],
          [483, octal(50)],
        ],
      });
      const bytes = Buffer.concat([header, extension, padded(Buffer.from('ABCDE')), endOfArchive]);
      expect(read(bytes)[0]?.data).toBe('ABCDE'.replace(/./g, (c) => c + '.'.repeat(9)));
    });

    it.each([
      ['overlaps', '5,3,6,2'],
      ['leaves the file', '5,3,19,2'],
      ['has less than the data', '5,3'],
      ['is cut', '5,3,15'],
      ['is negative', '5,-3,15,8'],
    ])('refuses a map that %s', (_, map) => {
      const pax = { 'GNU.sparse.size': '20', 'GNU.sparse.map': map };
      expect(failure(archive({ name: 'a', data: 'ABCDE', pax }))).toEqual(
        permanentError('layer.tar_invalid'),
      );
    });

    it('refuses a map that promises more than its data holds', () => {
      const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '9' };
      const data = padded(Buffer.from('1000\n1\n1\n'));
      expect(failure(archive({ name: 'a', data, pax }))).toEqual(permanentError('layer.tar_invalid'));
    });
  });
});
