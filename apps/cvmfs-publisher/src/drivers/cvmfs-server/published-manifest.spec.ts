import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import { mountState } from './mounts.js';
import { readManifest } from './published-manifest.js';

const hash = 'a'.repeat(40);

describe('the published manifest', () => {
  it('is read from a file or a web server, up to the signature', async () => {
    const content = Buffer.from(
      `C${hash}\nB8192\nS42\nNr.org\n--\n${hash}\nC${'b'.repeat(40)}\n\xff`,
      'latin1',
    );
    const directory = mkdtempSync(join(tmpdir(), 'manifest-'));
    writeFileSync(join(directory, '.cvmfspublished'), content);
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/cvmfs/r.org/.cvmfspublished' ? 200 : 404;
      response.end(content);
    });
    const base = `http://127.0.0.1:${await listenOnFreePort(server)}`;
    for (const place of [join(directory, '.cvmfspublished'), `${base}/cvmfs/r.org/.cvmfspublished`]) {
      expect(await readManifest('r.org', place)).toEqual({ rootHash: hash, revision: '42' });
    }
    await expect(readManifest('r.org', `${base}/other`)).rejects.toMatchObject({
      code: 'cvmfs.manifest_unreadable',
      temporary: true,
    });
    server.close();
    rmSync(directory, { recursive: true });
  });
});

describe('the state of a mount', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mountinfo-'));
  const file = join(directory, 'mountinfo');
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([
    ['/cvmfs/other.org', 'none'],
    ['/cvmfs', 'none'],
    ['/cvmfs/closed.org', 'read-only'],
    ['/cvmfs/super.org', 'read-only'],
    ['/cvmfs/open.org', 'writable'],
    ['/cvmfs/twice.org', 'writable'],
    ['/cvmfs/a b.org', 'writable'],
  ])('of %s is %s', (point, state) => {
    writeFileSync(
      file,
      [
        '22 27 0:21 / /proc rw,relatime - proc proc rw',
        '40 27 0:39 / /cvmfs/closed.org ro,relatime shared:1 - overlay overlay_closed.org rw,lowerdir=/a',
        '41 27 0:39 / /cvmfs/super.org rw,relatime - overlay overlay_super.org ro,lowerdir=/a',
        '42 27 0:39 / /cvmfs/open.org rw,relatime - overlay overlay_open.org rw,lowerdir=/a',
        '43 27 0:39 / /cvmfs/twice.org ro,relatime - fuse cvmfs2 ro',
        '44 43 0:39 / /cvmfs/twice.org rw,relatime - overlay overlay rw',
        String.raw`45 43 0:39 / /cvmfs/a\040b.org rw,relatime - overlay overlay rw`,
        '',
      ].join('\n'),
    );
    expect(mountState(file, point)).toBe(state);
  });
});
