import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type Folds, LogChunk } from './log-lines.js';
import type { Chunk, LogWindow } from './log-window.js';

/** The window is one object that changes in place: another `turn` says that it did. */
export interface LogFrameProps {
  readonly window: LogWindow;
  readonly turn: number;
  /** Whether no more comes. */
  readonly isComplete: boolean;
}

/** The lines that are kept of a log, in a frame that scrolls. */
export function LogFrame({ window, turn, isComplete }: LogFrameProps) {
  const chunks = useMemo(() => (turn < 0 ? [] : window.chunks), [window, turn]);
  const { folded, fold } = useFolds(chunks);
  const frame = useFrameAtEnd(turn);
  const isEmpty = chunks.length === 0 && window.unfinished === '';
  return (
    <div ref={frame} className="log" tabIndex={0} role="region" aria-label="Log">
      {isEmpty && <div className="log-line log-none">Nothing was written {isComplete ? '' : 'yet'}</div>}
      {chunks.map((chunk) => (
        <LogChunk key={chunk.id} chunk={chunk} folded={folded} onFold={fold} />
      ))}
      {window.unfinished !== '' && <div className="log-line">{window.unfinished}</div>}
    </div>
  );
}

function useFolds(chunks: readonly Chunk[]) {
  const [folds, setFolds] = useState<Folds>(new Map());
  const fold = useCallback(
    (section: number, isFolded: boolean) => setFolds((old) => new Map(old).set(section, isFolded)),
    [],
  );
  const sections = chunks.flatMap(({ lines }) => lines.flatMap(({ section }) => section ?? []));
  const names = sections
    .filter(({ id, isFolded }) => folds.get(id) ?? isFolded)
    .map(({ id }) => id)
    .join(' ');
  // The same set as long as the same are folded, so that nothing is drawn anew for it.
  const folded = useMemo(() => new Set(names.split(' ').filter(Boolean).map(Number)), [names]);
  return { folded, fold };
}

/** Stays at the end as long as somebody has not scrolled away from it. */
function useFrameAtEnd(turn: number) {
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const { current } = frame;
    if (!current) return undefined;
    const onScroll = (): void => {
      isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 40;
    };
    current.addEventListener('scroll', onScroll, { passive: true });
    return () => current.removeEventListener('scroll', onScroll);
  }, []);
  useLayoutEffect(() => {
    if (frame.current && isAtEnd.current && turn >= 0) frame.current.scrollTop = frame.current.scrollHeight;
  }, [turn]);
  return frame;
}
