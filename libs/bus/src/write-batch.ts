import { Writable } from 'node:stream';

/**
 * Lets all messages of one turn of the event loop leave in one system call; amqplib would spend one on each, which is
 * the largest part of what a small message costs. Costs no waiting: the turn ends when nothing more is to be done.
 * The connection’s `highWaterMark` bounds a batch; what has no room leaves one by one when the rest is out.
 */
export class WriteBatch {
  private readonly stream: Writable | undefined;
  private corked = false;

  /** @param connection amqplib’s; without the socket that it has, messages leave one by one */
  constructor(connection: object) {
    const stream: unknown = Reflect.get(connection, 'stream');
    this.stream = stream instanceof Writable ? stream : undefined;
  }

  /** To be called after a message was handed to amqplib. */
  add(): void {
    const { stream } = this;
    if (stream === undefined || this.corked) return;
    this.corked = true;
    stream.cork();
    // amqplib writes to the socket in a setImmediate that it asks for in the next tick; this one comes right after it.
    process.nextTick(() =>
      setImmediate(() => {
        this.corked = false;
        stream.uncork();
      }),
    );
  }
}
