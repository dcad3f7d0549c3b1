import { useEffect, useReducer, useRef, useState } from 'react';
import { readLog } from '../../api/job-log.js';
import { ProblemError } from '../../api/problem.js';
import { LogWindow } from './log-window.js';

/** How much of a long log is read before the present end, in bytes. */
const tailBytes = 1_000_000;

/** What came is shown so often at most, in milliseconds: ten thousand lines a second must not keep the browser busy. */
const showMs = 200;

/** After the connection broke, in milliseconds. */
const againMs = 3_000;

/** `held`: somebody stopped it to read. `away`: the connection broke, or the log was refused. */
export type LogState = 'connecting' | 'following' | 'held' | 'complete' | 'away';

/** The window is one object that changes in place: `turn` tells React when to look again. */
export interface ShownLog {
  readonly state: LogState;
  readonly window: LogWindow;
  /** Counts up whenever the window holds something else. */
  readonly turn: number;
  /** Bytes before the first one that was read. */
  readonly skippedBytes: number;
  /** Why it cannot be read. */
  readonly error?: unknown;
}

interface Position {
  attempt: string;
  window: LogWindow;
  next: number;
  skipped: number;
  /** Until the first whole line: it was begun in the middle of one. */
  isMidLine: boolean;
}

const beginAt = (attempt: string, from: number): Position => ({
  attempt,
  window: new LogWindow(),
  next: from,
  skipped: from,
  isMidLine: from > 0,
});

/**
 * Follows the log of an attempt from near its end on, until it is complete; what was missed while it was held is read
 * afterwards, unless it is too much.
 *
 * @param knownBytes how long it is by now
 */
export function useLog(attempt: string, knownBytes: number, isHeld: boolean): ShownLog {
  const [state, setState] = useState<LogState>('connecting');
  const [error, setError] = useState<unknown>();
  const [turn, show] = useReducer((count: number) => count + 1, 0);
  const position = useRef<Position>(undefined);
  const known = useRef(knownBytes);
  useEffect(() => {
    known.current = knownBytes;
  }, [knownBytes]);
  position.current ??= beginAt(attempt, Math.max(knownBytes - tailBytes, 0));
  useEffect(() => {
    if (isHeld) return undefined;
    const late = Math.max(known.current - tailBytes, 0);
    if (position.current?.attempt !== attempt || position.current.next < late)
      position.current = beginAt(attempt, late);
    const stopped = new AbortController();
    void follow(position.current, stopped.signal, { setState, setError, show });
    return () => stopped.abort();
  }, [attempt, isHeld]);
  const { window, skipped } = position.current;
  return {
    state: isHeld && state !== 'complete' ? 'held' : state,
    window,
    turn,
    skippedBytes: skipped,
    error,
  };
}

interface Shown {
  readonly setState: (state: LogState) => void;
  readonly setError: (error: unknown) => void;
  readonly show: () => void;
}

async function follow(at: Position, signal: AbortSignal, { setState, setError, show }: Shown): Promise<void> {
  let shownAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const showSoon = async (): Promise<void> => {
    if (performance.now() - shownAt < showMs) {
      timer ??= setTimeout(showNow, showMs);
      return;
    }
    showNow();
    // Lets the browser draw, and answer to who uses it.
    await new Promise((resolve) => setTimeout(resolve));
  };
  const showNow = (): void => {
    clearTimeout(timer);
    timer = undefined;
    shownAt = performance.now();
    if (!signal.aborted) show();
  };
  const ended = new AbortController();
  const listener = {
    onPiece: async ({ next, text }: { readonly next: number; readonly text: string }): Promise<void> => {
      if (signal.aborted) return;
      take(at, text);
      at.next = next;
      setState('following');
      await showSoon();
    },
    onEnd: (): void => {
      ended.abort();
    },
  };
  while (!signal.aborted && !ended.signal.aborted) {
    try {
      setError(undefined);
      const reading = readLog(at.attempt, at.next, listener, signal);
      setState('following');
      await reading;
    } catch (failure) {
      if (signal.aborted) return;
      const isFinal = failure instanceof ProblemError && failure.status >= 400 && failure.status < 500;
      setState('away');
      if (isFinal) return setError(failure);
    }
    if (!ended.signal.aborted) await pause(againMs, signal);
  }
  if (signal.aborted) return;
  showNow();
  setState('complete');
}

function take(at: Position, text: string): void {
  if (!at.isMidLine) return at.window.add(text);
  const end = text.indexOf('\n');
  if (end < 0) return;
  at.isMidLine = false;
  at.window.add(text.slice(end + 1));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
