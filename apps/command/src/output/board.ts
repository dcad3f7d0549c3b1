import type { Output } from '../context.js';

/** Lines at the bottom of the terminal that are drawn over each time. */
export interface Board {
  /** Columns; 0 where nothing is drawn. */
  readonly width: number;
  draw(lines: readonly string[]): void;
  /** Leaves the last lines where they are. */
  close(): void;
}

/** On standard error, where it is a terminal; else it draws nothing. */
export function openBoard({ isLive }: Pick<Output, 'isLive'>): Board {
  const { stderr } = process;
  let drawn = 0;
  if (!isLive) return { width: 0, draw: () => {}, close: () => {} };
  stderr.write('\u001B[?25l');
  return {
    get width() {
      return stderr.columns || 80;
    },
    draw: (lines) => {
      // More lines than the terminal has could not be drawn over any more.
      const shown = lines.slice(-Math.max(1, (stderr.rows ?? 24) - 1));
      const up = drawn === 0 ? '' : `\u001B[${drawn}A`;
      stderr.write(`${up}${shown.map((line) => `\u001B[2K${line}\n`).join('')}\u001B[0J`);
      drawn = shown.length;
    },
    close: () => void stderr.write('\u001B[?25h'),
  };
}
