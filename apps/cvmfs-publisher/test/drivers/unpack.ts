import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Transaction } from '../../src/domain/cvmfs-driver.js';

/** Unpacks a small tree in place of an image. */
export function unpack(transaction: Transaction, relative: string, files: Record<string, string>): string {
  const tree = transaction.treePath(relative);
  if (!existsSync(tree)) mkdirSync(tree);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), content);
  }
  return tree;
}
