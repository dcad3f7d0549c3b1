import type { LogEnd, LogPiece } from '#api';
import { problemOf, ProblemError } from './problem.js';

/** Where the whole log is, as it came. */
export const logAddress = (attempt: string): string => `/api/v1/attempts/${attempt}/log`;

/** Who reads a log: `onEnd` comes once the attempt is over, not where the connection merely broke. */
export interface LogListener {
  /** Resolves when it may go on. */
  readonly onPiece: (piece: LogPiece) => Promise<void>;
  readonly onEnd: (end: LogEnd) => void;
}

/**
 * Reads the log of an attempt from a byte on, as it grows, until the attempt is over or the connection ends. In place of
 * an EventSource, which cannot say where it begins.
 *
 * @throws ProblemError when it is refused
 */
export async function readLog(
  attempt: string,
  from: number,
  { onPiece, onEnd }: LogListener,
  signal: AbortSignal,
): Promise<void> {
  const headers = { accept: 'text/event-stream', 'last-event-id': String(from) };
  const response = await fetch(`${logAddress(attempt)}?follow=true`, { headers, signal });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return;
    const events = (rest + (value ?? '')).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const { name, data } = fieldsOf(event);
      if (name === 'log') await onPiece(JSON.parse(data) as LogPiece);
      if (name === 'end') return onEnd(JSON.parse(data) as LogEnd);
    }
  }
}

/** Of a server-sent event as the monitor writes them: each field in one line. */
function fieldsOf(event: string): { readonly name: string; readonly data: string } {
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1] ?? '';
  return { name: field('event'), data: field('data') };
}
