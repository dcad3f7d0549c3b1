import { findProgram } from '../layers/programs.js';
import { runProgram } from '../layers/run-program.js';
import type { ByteString } from '../tar/byte-string.js';

/** Extended attributes of one file: name to value, bytes both. */
export type Xattrs = ReadonlyMap<ByteString, ByteString>;

/** A file in the tree and what it is to have besides its content and its mode. */
export interface FileXattrs {
  /** Below the top; empty for the top itself. */
  readonly path: ByteString;
  readonly xattrs: Xattrs;
}

/** Attributes of the engine that made the layer, or of its host, mean nothing in another place. */
const foreign = /^(trusted\.|security\.(selinux|ima|evm|SMACK)|system\.)/;

/**
 * Gives files of a tree their extended attributes with `setfattr`, which is asked once for all. Returns how many could
 * not be set: the program missing, the right to, or support by the file system. No link is followed.
 */
export function restoreXattrs(top: string, files: readonly FileXattrs[]): number {
  let wanted = 0;
  const blocks: string[] = [];
  for (const { path, xattrs } of files) {
    wanted += xattrs.size;
    const lines = [...xattrs].filter(([name]) => isPortable(name)).map(dumpLine);
    if (lines.length > 0) blocks.push(`# file: ${escapePath(`./${path}`)}\n${lines.join('')}\n`);
  }
  const tried = blocks.reduce((sum, block) => sum + block.split('\n').length - 3, 0);
  const setfattr = findProgram('setfattr');
  if (tried === 0 || setfattr === undefined) return wanted;
  const { stderr, status } = runProgram(setfattr, ['-h', '--restore=-'], {
    cwd: top,
    input: Buffer.from(blocks.join(''), 'latin1'),
  });
  // It tells of each attribute that it could not set in one line, and goes on.
  const failed = status === 0 ? 0 : stderr.toString('latin1').split('\n').filter(Boolean).length;
  return wanted - tried + Math.min(tried, failed);
}

/** Names go into a line of text: those that no kernel takes could break out of it. */
function isPortable(name: ByteString): boolean {
  return !foreign.test(name) && /^[a-zA-Z0-9_.:@+-]+$/.test(name);
}

function dumpLine([name, value]: readonly [ByteString, ByteString]): string {
  return `${name}=0s${Buffer.from(value, 'latin1').toString('base64')}\n`;
}

/** As `getfattr` writes paths: what could end or bend the line as octal numbers. */
function escapePath(path: ByteString): string {
  return path.replace(
    /[^ !-[\]-~]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}
