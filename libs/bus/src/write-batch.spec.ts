import { Writable } from 'node:stream';
import { WriteBatch } from './write-batch.js';

// Stands in for a socket: counts the system calls that a real one would make.
class Socket extends Writable {
  readonly calls: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.calls.push(chunk.toString());
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk.toString()).join(''));
    done();
  }
}

/** As amqplib does: all that a turn gave is written in one immediate, asked for in the tick after the first. */
class Channel {
  private texts: string[] = [];

  constructor(
    private readonly socket: Socket,
    private readonly batch: WriteBatch,
  ) {}

  publish(...texts: string[]): void {
    for (const text of texts) {
      if (this.texts.push(text) === 1) process.nextTick(() => setImmediate(() => this.write()));
      this.batch.add();
    }
  }

  private write(): void {
    for (const text of this.texts) this.socket.write(text);
    this.texts = [];
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a batch of writes', () => {
  it('is all that was published in one turn', async () => {
    const socket = new Socket();
    const channel = new Channel(socket, new WriteBatch({ stream: socket }));
    channel.publish('a', 'b', 'c');
    await turn();
    channel.publish('d', 'e');
    await turn();
    expect(socket.calls).toEqual(['abc', 'de']);
  });

  it('holds nothing back where the connection shows no socket', async () => {
    const socket = new Socket();
    new Channel(socket, new WriteBatch({})).publish('a', 'b');
    await turn();
    expect(socket.calls).toEqual(['a', 'b']);
  });
});
