import { NONE } from './node-table.js';

/** Mode, owner and time of a directory; seconds since 1970. */
export interface DirectoryMetadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
}

/** For directories that no layer declares: the same at every unpacking, so the time is fixed. */
const undeclared: DirectoryMetadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

const firstCapacity = 1024;

/** Metadata of directories, kept in columns until all below them is written. */
export class DirectoryTable {
  private count = 0;
  private numbers = new Uint32Array(firstCapacity * 3);
  private times = new Float64Array(firstCapacity);

  /** Keeps metadata; returns the number to ask for it by. */
  add(metadata: DirectoryMetadata): number {
    if (this.count === this.times.length) this.grow();
    const row = this.count++;
    this.numbers.set([metadata.mode, metadata.uid, metadata.gid], row * 3);
    this.times[row] = metadata.mtime;
    return row;
  }

  get(row: number): DirectoryMetadata {
    if (row === NONE) return undeclared;
    return {
      mode: this.numbers[row * 3] ?? 0,
      uid: this.numbers[row * 3 + 1] ?? 0,
      gid: this.numbers[row * 3 + 2] ?? 0,
      mtime: this.times[row] ?? 0,
    };
  }

  private grow(): void {
    const numbers = new Uint32Array(this.numbers.length * 2);
    numbers.set(this.numbers);
    this.numbers = numbers;
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
  }
}
