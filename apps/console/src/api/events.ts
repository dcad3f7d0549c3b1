import type { LiveEvent as Event } from '#api';
import { useEffect, useRef, useState } from 'react';
import { addressOf } from './request.js';

/** An event as it comes over the live stream. */
export interface LiveEvent extends Event {
  /** e.g. `image.published`. */
  readonly name: string;
}

/** `away`: the stream broke and is tried again, or nobody wants it now. */
export type StreamState = 'connecting' | 'live' | 'away';

/** The browser tries again by itself unless it was answered with an error; then so long, in milliseconds. */
const againMs = 5_000;

/** What a part of the page wants to hear of `GET /api/v1/events`, and what it does then. */
export interface EventsOptions {
  /** Patterns as the API takes them, e.g. `image.*`. */
  readonly types: string;
  /** Names that may come; the browser hears no others. */
  readonly names: readonly string[];
  readonly onEvent: (event: LiveEvent) => void;
  /** Some may have been missed, as before the stream was open: what is shown should be read anew. */
  readonly onGap?: () => void;
  readonly isPaused?: boolean;
}

/** Hears events as they happen, as long as it is shown. */
export function useEvents(options: EventsOptions): StreamState {
  const { types, names, onEvent, onGap, isPaused = false } = options;
  const [state, setState] = useState<StreamState>('connecting');
  const latest = useRef({ onEvent, onGap });
  useEffect(() => {
    latest.current = { onEvent, onGap };
  }, [onEvent, onGap]);
  const heard = names.join(' ');
  useEffect(() => {
    if (isPaused) return undefined;
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      source = new EventSource(addressOf('/api/v1/events', { types }));
      source.addEventListener('open', () => {
        setState('live');
        latest.current.onGap?.();
      });
      source.addEventListener('gap', () => latest.current.onGap?.());
      source.addEventListener('error', () => {
        setState('away');
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, againMs);
      });
      for (const name of heard.split(' '))
        source.addEventListener(name, ({ data }) => latest.current.onEvent({ ...parsed(data), name }));
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [types, heard, isPaused]);
  return isPaused ? 'away' : state;
}

const parsed = (data: unknown): Event => JSON.parse(String(data)) as Event;
