import { type AttemptState, hasEnded } from '#contracts';
import type { Attempt } from '../domain/attempt.js';
import type { LogSignals } from '../storage/logs/log-signals.js';
import type { LogStore } from '../storage/logs/log.store.js';

/** Where a log is read, and what tells that it grew, through whichever copy of the monitor. */
export interface Following {
  readonly logs: Pick<LogStore, 'head' | 'read'>;
  readonly signals: Pick<LogSignals, 'on'>;
  readonly attempt: (id: string) => Promise<Attempt | undefined>;
}

/** What a reader is told next; `from` and `bytes` of the end count from the log's beginning. */
export type LogStep =
  | { readonly kind: 'piece'; readonly from: number; readonly bytes: Buffer }
  /** Nothing new for a while. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'end'; readonly bytes: number; readonly state: AttemptState };

/** How long it is quiet before one looks without having been told to. */
const quietMs = 10_000;

/** A log as it grows, from a byte on, to its end. */
export async function* followLog(
  { logs, signals, attempt: find }: Following,
  id: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<LogStep> {
  const bell = new Bell(signal);
  const stop = signals.on(id, () => bell.ring());
  try {
    let at = from;
    while (!signal.aborted) {
      // The state first: a log whose attempt was over by then grows no more.
      const attempt = await find(id);
      if (!attempt) return;
      const { bytes } = await logs.head(attempt);
      for await (const piece of logs.read(attempt, at, bytes)) {
        if (signal.aborted) return;
        yield { kind: 'piece', from: at, bytes: piece };
        at += piece.length;
      }
      if (hasEnded(attempt.state)) {
        yield { kind: 'end', bytes, state: attempt.state };
        return;
      }
      if (!(await bell.rung(quietMs))) yield { kind: 'quiet' };
    }
  } finally {
    stop();
  }
}

/** Remembers that it was rung while nobody listened. */
class Bell {
  private isRung = false;
  private wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.ring(), { once: true });
  }

  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  async rung(withinMs: number): Promise<boolean> {
    if (!this.isRung) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, withinMs);
      });
      clearTimeout(timer);
      this.wake = undefined;
    }
    const { isRung } = this;
    this.isRung = false;
    return isRung;
  }
}

/** How many bytes at the end begin a character of UTF-8 that is not complete: 0 to 3. */
export function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const needs = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}
