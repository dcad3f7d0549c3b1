import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from './remove-tree.js';

describe('removeTree', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'remove-tree-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('removes a tree deeper than any path can name', async () => {
    const start = process.cwd();
    try {
      process.chdir(directory);
      mkdirSync('tree');
      process.chdir('tree');
      for (let i = 0; i < 300; i += 1) {
        mkdirSync('x'.repeat(100));
        process.chdir('x'.repeat(100));
      }
      writeFileSync('f', '');
    } finally {
      process.chdir(start);
    }
    await removeTree(join(directory, 'tree'));
    expect(existsSync(join(directory, 'tree'))).toBe(false);
  });

  it('removes directories that may be neither read nor written, and names that are no UTF-8', async () => {
    const tree = join(directory, '-rf');
    mkdirSync(join(tree, 'a/b'), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/a/`), Buffer.from([0xff, 0x0a, 0xfe])]), '');
    chmodSync(join(tree, 'a/b'), 0);
    chmodSync(join(tree, 'a'), 0);
    await removeTree(tree);
    expect(existsSync(tree)).toBe(false);
  });

  it('removes links, not what they lead to; and what is not there', async () => {
    mkdirSync(join(directory, 'kept'), { mode: 0o700 });
    writeFileSync(join(directory, 'kept/f'), '');
    mkdirSync(join(directory, 'tree'));
    symlinkSync('../kept', join(directory, 'tree/link'));
    await removeTree(join(directory, 'tree'));
    symlinkSync('kept', join(directory, 'link'));
    await removeTree(join(directory, 'link'));
    await removeTree(join(directory, 'nothing'));
    expect(existsSync(join(directory, 'kept/f'))).toBe(true);
    expect(existsSync(join(directory, 'link'))).toBe(false);
  });
});
