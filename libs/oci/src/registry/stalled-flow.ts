import type { Readable } from 'node:stream';
import { temporary, type AppError } from '#errors';

/** Slower than so many bytes per second is as good as not at all. */
const slowest = 1024;

/** A stream's watch: it is to be told of each piece, and stopped when the stream is over. */
export interface WatchedFlow {
  /** Set when the flow was ended for being too slow: `registry.stalled`, temporary. */
  readonly error: AppError | undefined;
  count(bytes: number): void;
  stop(): void;
}

/** Ends a stream that brings too little within each window: one that drips would never run into a time-out. */
export function watchFlow(windowMs: number, stream: Readable, subject: string): WatchedFlow {
  let bytes = 0;
  const flow = { error: undefined as AppError | undefined };
  const timer = setInterval(() => {
    if (bytes >= (slowest * windowMs) / 1000) {
      bytes = 0;
      return;
    }
    flow.error = temporary('registry.stalled', `${subject} came slower than ${slowest} bytes per second`, {
      subject,
    });
    stream.destroy(flow.error);
  }, windowMs);
  timer.unref();
  return {
    get error() {
      return flow.error;
    },
    count: (more) => {
      bytes += more;
    },
    stop: () => clearInterval(timer),
  };
}
