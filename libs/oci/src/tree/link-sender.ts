import { RingWriter, throwIfStopped } from '../layers/shared-ring.js';
import type { ByteString } from '../tar/byte-string.js';
import { FAILED, FAILURES, mostFailures, recordHead, TRIED, type LinkMemory } from './link-memory.js';
import { NONE } from './node-table.js';

/** Links that the other thread has before it: enough for it not to wait while a directory of our own is linked. */
const ahead = 150;
/** Longest pair of paths that is handed over, in bytes. */
const longest = 60_000;
const waitMs = 1000;

/** Hands hard links to another thread, directory by directory: two threads in one directory would wait for each other. */
export class LinkSender {
  private readonly writer: RingWriter;
  /** Records that were not handed over yet. */
  private readonly records = Buffer.allocUnsafeSlow(recordHead + longest);
  private used = 0;
  /** Rows in the order in which their links were asked for. */
  private rows: number[] = [];
  private told = 0;
  private lastParent = NONE;
  private takesParent = false;

  constructor(private readonly memory: LinkMemory) {
    this.writer = new RingWriter(memory.ring);
  }

  /** False where whoever asks is to make the link: that thread has enough to do. */
  send(row: number, parent: number, from: ByteString, to: ByteString): boolean {
    if (parent !== this.lastParent) {
      this.flush();
      this.lastParent = parent;
      this.takesParent = this.rows.length - Atomics.load(this.memory.state, TRIED) < ahead;
    }
    if (!this.takesParent || from.length + to.length > longest) return false;
    const { records } = this;
    if (this.used + recordHead + from.length + to.length > records.length) this.flush();
    let at = records.writeUInt16LE(from.length, this.used);
    at = records.writeUInt16LE(to.length, at);
    at += records.write(from, at, 'latin1');
    this.used = at + records.write(to, at, 'latin1');
    this.rows.push(row);
    return true;
  }

  /** A directory's links at once: to wake the other thread for each would cost as much as to make it. */
  private flush(): void {
    this.writer.write(this.records.subarray(0, this.used));
    this.used = 0;
  }

  /** Waits until all links that were asked for are made; returns the rows of those that could not be, each once. */
  settle(): readonly number[] {
    const { state } = this.memory;
    this.flush();
    for (;;) {
      const tried = Atomics.load(state, TRIED);
      if (tried === this.rows.length) break;
      throwIfStopped(this.memory.ring);
      Atomics.wait(state, TRIED, tried, waitMs);
    }
    const failed = Math.min(Atomics.load(state, FAILED), mostFailures);
    const numbers = Array.from({ length: failed - this.told }, (_, at) => state[FAILURES + this.told + at]);
    this.told = failed;
    return numbers.map((number) => this.rows[number ?? NONE] ?? NONE);
  }

  /** Whether more links failed than can be told. */
  get lostCount(): boolean {
    return Atomics.load(this.memory.state, FAILED) > mostFailures;
  }

  /** No more links come. */
  end(): void {
    this.flush();
    this.writer.end();
  }
}
