import type { FileHandle } from 'node:fs/promises';
import { permanent } from '#errors';

const windowBytes = 1 << 20;

/** Reads a file in pieces of a megabyte, for whoever wants a few bytes here and the next ones there. */
export class Window {
  private at = 0;
  private held = Buffer.alloc(0);

  constructor(
    private readonly file: FileHandle,
    readonly size: number,
  ) {}

  /**
   * So many bytes from there on.
   * @throws permanent `zip.malformed` where the file is shorter
   */
  async read(at: number, length: number): Promise<Buffer> {
    if (at < 0 || at + length > this.size) throw malformed('it is cut off');
    if (at < this.at || at + length > this.at + this.held.length) await this.move(at, length);
    return this.held.subarray(at - this.at, at - this.at + length);
  }

  /** @throws permanent `zip.malformed` */
  async *stream(at: number, length: number): AsyncGenerator<Buffer> {
    for (let done = 0; done < length;) {
      const most = Math.min(windowBytes, length - done);
      yield await this.read(at + done, most);
      done += most;
    }
  }

  private async move(at: number, length: number): Promise<void> {
    const wanted = Math.min(Math.max(windowBytes, length), this.size - at);
    const buffer = Buffer.alloc(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.file.read(buffer, filled, wanted - filled, at + filled);
      if (bytesRead === 0) throw malformed('it became shorter');
      filled += bytesRead;
    }
    [this.at, this.held] = [at, buffer];
  }
}

/** Permanent `zip.malformed`, in words for whoever sent the archive. */
export const malformed = (why: string): Error => permanent('zip.malformed', `no zip archive: ${why}`);
