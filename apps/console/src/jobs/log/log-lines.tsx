import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { memo } from 'react';
import { seconds } from '../../parts/amounts.js';
import type { Piece } from './ansi.js';
import type { Chunk, Line, Section } from './log-window.js';

/** Which sections somebody folded or unfolded; the others are as the job wants them. */
export type Folds = ReadonlyMap<number, boolean>;

/** `folded` and `onFold` have to stay the same objects, or every chunk is drawn anew. */
export interface LogChunkProps {
  readonly chunk: Chunk;
  /** Sections that are folded now. */
  readonly folded: ReadonlySet<number>;
  readonly onFold: (section: number, isFolded: boolean) => void;
}

/** Drawn anew only when something of it changed: a log is long. */
export const LogChunk = memo(function LogChunk({ chunk, folded, onFold }: LogChunkProps) {
  return (
    <div className="log-chunk">
      {chunk.lines
        .filter(({ within }) => !within.some((section) => folded.has(section)))
        .map((line) => (
          <LogLine key={line.id} line={line} folded={folded} onFold={onFold} />
        ))}
    </div>
  );
});

interface LogLineProps extends Pick<LogChunkProps, 'folded' | 'onFold'> {
  readonly line: Line;
}

function LogLine({ line: { pieces, section, within }, folded, onFold }: LogLineProps) {
  if (!section)
    return <div className="log-line">{pieces.length === 0 ? '\n' : <Pieces pieces={pieces} />}</div>;
  const isFolded = folded.has(section.id);
  return (
    <div className="log-line log-section" data-depth={within.length}>
      <button
        type="button"
        aria-expanded={!isFolded}
        className="log-fold"
        onClick={() => onFold(section.id, !isFolded)}
      >
        {isFolded ? <IconChevronRight size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />}
        {section.name}
        <Took section={section} />
      </button>
      <Pieces pieces={pieces} />
    </div>
  );
}

function Took({ section }: { readonly section: Section }) {
  if (section.seconds === undefined) return null;
  return <span className="log-took">{seconds(section.seconds)}</span>;
}

/** As text: whatever a job writes, it is nothing else. */
function Pieces({ pieces }: { readonly pieces: readonly Piece[] }) {
  return pieces.map(({ text, className, color, background }, place) => (
    <span
      // They never move within their line.
      // oxlint-disable-next-line react/no-array-index-key
      key={place}
      className={className}
      style={color === undefined && background === undefined ? undefined : { color, background }}
    >
      {text}
    </span>
  ));
}
