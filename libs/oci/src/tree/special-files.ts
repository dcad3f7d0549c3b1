import { spawnSync } from 'node:child_process';
import type { ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import type { LeftOut } from './left-out.js';
import { findProgram } from '../layers/programs.js';
import { treeError } from './tree-error.js';
import * as fs from 'node:fs';
import { fsPath } from './fs-path.js';
import type { TreeWriter } from './tree-writer.js';

/** As many paths as one command line takes with certainty. */
const PATHS_PER_COMMAND = 200;

/** What Node cannot make by itself is collected and made by standard programs, a batch at a time. */
export class SpecialFiles {
  private readonly fifos = new Map<number, TarEntry>();
  private readonly xattrs = new Map<number, NonNullable<TarEntry['xattrs']>>();

  constructor(
    private readonly writer: TreeWriter,
    private readonly leftOut: LeftOut,
  ) {}

  fifo(row: number, entry: TarEntry): void {
    this.fifos.set(row, entry);
  }

  noteXattrs(row: number, entry: TarEntry): void {
    if (entry.xattrs !== undefined) this.xattrs.set(row, entry.xattrs);
  }

  /** The row's path is taken back. */
  forget(row: number): void {
    this.fifos.delete(row);
    this.xattrs.delete(row);
  }

  finish(): void {
    this.makeFifos();
    for (const xattrs of this.xattrs.values()) this.leftOut.add('xattr', xattrs.size);
  }

  private makeFifos(): void {
    const mkfifo = findProgram('mkfifo');
    const rows = [...this.fifos.keys()];
    for (let at = 0; at < rows.length; at += PATHS_PER_COMMAND) {
      const batch = rows.slice(at, at + PATHS_PER_COMMAND);
      const paths = batch.map((row) => this.writer.placeSpecial(row));
      const texts = paths.map((path) => fsPath(path)).filter((path) => typeof path === 'string');
      if (mkfifo !== undefined) run(mkfifo, ['-m', '600', '--', ...texts]);
      batch.forEach((row, index) => this.finishFifo(row, paths[index] ?? ''));
    }
  }

  private finishFifo(row: number, path: ByteString): void {
    const entry = this.fifos.get(row);
    const made = fs.lstatSync(fsPath(path), { throwIfNoEntry: false })?.isFIFO() ?? false;
    if (entry === undefined || !made) {
      this.leftOut.add('fifo');
      return;
    }
    try {
      this.writer.linkMetadata(path, entry);
      // The path is this writer's own FIFO in its own directory: there is no link to follow.
      fs.chmodSync(fsPath(path), entry.mode);
    } catch (error) {
      throw treeError(error, path);
    }
    this.writer.specialMade(row);
  }
}

function run(program: string, args: readonly string[]): void {
  spawnSync(program, args, { cwd: '/', env: {}, stdio: 'ignore' });
}
