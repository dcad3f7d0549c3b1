import type { ServerResponse } from 'node:http';
import type { ToldEvent } from './event-ring.js';

const endMs = 2_000;

/** One reader of events, over HTTP (HTML standard, server-sent events). */
export class EventStream {
  constructor(
    private readonly response: ServerResponse,
    private readonly wants: (name: string) => boolean,
    /** Bytes that may wait for the reader. */
    private readonly patienceBytes: number,
  ) {}

  open(): void {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A connection that outlived its stream would hold up the end of the service.
      connection: 'close',
      // nginx would keep events back until its buffer is full.
      'x-accel-buffering': 'no',
    });
    this.write('retry: 2000\n: listening\n\n');
  }

  tell({ id, name, data }: ToldEvent): void {
    if (this.wants(name))
      this.write(`id: ${id.replaceAll(/[\r\n\0]/g, '')}\nevent: ${name}\ndata: ${data}\n\n`);
  }

  /** Events may have been missed: whoever shows a state reads it anew. */
  tellGap(): void {
    this.write('event: gap\ndata: {}\n\n');
  }

  beat(): void {
    this.write(': beat\n\n');
  }

  /** Ends it; a reader that does not take the end of it in time is let go. */
  end(): void {
    this.response.end();
    setTimeout(() => this.response.destroy(), endMs).unref();
  }

  private write(text: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    // A reader that does not read is let go: what waits for it would fill the memory, and it comes back where it was.
    if (this.response.writableLength > this.patienceBytes) this.response.destroy();
    else this.response.write(text);
  }
}
