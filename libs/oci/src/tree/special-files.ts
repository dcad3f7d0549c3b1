import * as fs from 'node:fs';
import { findProgram } from '../layers/programs.js';
import { runProgram } from '../layers/run-program.js';
import type { ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { fsPath } from './fs-path.js';
import type { LeftOut } from './left-out.js';
import { treeError } from './tree-error.js';
import type { TreeWriter } from './tree-writer.js';
import { restoreXattrs, type Xattrs } from './xattrs.js';

/** As many paths as one command line takes with certainty. */
const pathsPerCommand = 200;

/** What Node cannot make by itself is collected and made by standard programs, a batch at a time. */
export class SpecialFiles {
  private readonly fifos = new Map<number, TarEntry>();
  private readonly xattrs = new Map<number, Xattrs>();

  constructor(
    private readonly writer: TreeWriter,
    private readonly leftOut: LeftOut,
  ) {}

  fifo(row: number, entry: TarEntry): void {
    this.fifos.set(row, entry);
  }

  noteXattrs(row: number, entry: TarEntry): void {
    if (entry.xattrs === undefined) this.xattrs.delete(row);
    else this.xattrs.set(row, entry.xattrs);
  }

  /** The row's path is taken back. */
  forget(row: number): void {
    this.fifos.delete(row);
    this.xattrs.delete(row);
  }

  makeFifos(onMade: (row: number) => void): void {
    const mkfifo = findProgram('mkfifo');
    const rows = [...this.fifos.keys()];
    for (let at = 0; at < rows.length; at += pathsPerCommand) {
      const batch = rows.slice(at, at + pathsPerCommand);
      const paths = batch.map((row) => this.writer.placeSpecial(row));
      // Arguments are text: a name that is none cannot be given.
      const texts = paths.map((path) => fsPath(path)).filter((path) => typeof path === 'string');
      if (mkfifo !== undefined) {
        runProgram(mkfifo, ['-m', '600', '--', ...texts], { cwd: '/' });
      }
      batch.forEach((row, index) => this.finishFifo(row, paths[index] ?? '', onMade));
    }
  }

  /** To be called once all files have their owner, as a new owner costs a file its capabilities. */
  setXattrs(target: string): void {
    const files = [...this.xattrs].map(([row, xattrs]) => ({
      path: this.writer.treePath(row),
      xattrs,
    }));
    this.leftOut.add('xattr', restoreXattrs(target, files));
  }

  private finishFifo(row: number, path: ByteString, onMade: (row: number) => void): void {
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
    onMade(row);
  }
}
