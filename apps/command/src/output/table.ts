import CliTable3 from 'cli-table3';
import { type Colour, type Paint, plain } from './paint.js';

/** One column: its title is shown in capitals, its values on one line, whatever they hold. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly colour?: (row: Row) => Colour | undefined;
  /** Whether it gives way where the terminal is narrow; the rightmost first. */
  readonly shrinks?: boolean;
}

/** Where the table will be shown. */
export interface TableOptions {
  /** Of the terminal in columns; undefined: as wide as it gets, for what is piped. */
  readonly width: number | undefined;
  readonly paint: Paint;
}

const gapWidth = 2;
const leastWidth = 8;

/** A table without lines around it, fitted to the terminal: what is too wide ends in "…". */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width, paint }: TableOptions,
): string {
  const texts = rows.map((row) => columns.map(({ value }) => plain(value(row)).replaceAll(/\s+/g, ' ')));
  const widths = fit(
    columns.map(({ title }, index) =>
      Math.max(title.length, ...texts.map((cells) => Array.from(cells[index] ?? '').length)),
    ),
    columns.map(({ shrinks }) => shrinks === true),
    width,
  );
  const drawn = new CliTable3({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: widths.map((each, index) => (index === widths.length - 1 ? each : each + gapWidth)),
  });
  drawn.push(columns.map(({ title }, index) => paint('dim', cut(title.toUpperCase(), widths[index]))));
  for (const [at, row] of rows.entries()) {
    drawn.push(
      columns.map(({ colour }, index) => {
        const text = cut(texts[at]?.[index] ?? '', widths[index]);
        const chosen = colour?.(row);
        return chosen ? paint(chosen, text) : text;
      }),
    );
  }
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The widths, with those that may shrink made smaller from the right until the line fits. */
export function fit(
  widths: readonly number[],
  shrinks: readonly boolean[],
  available: number | undefined,
): readonly number[] {
  const fitted = [...widths];
  if (available === undefined) return fitted;
  let excess = fitted.reduce((sum, each) => sum + each, gapWidth * (fitted.length - 1)) - available;
  for (let index = fitted.length - 1; index >= 0 && excess > 0; index--) {
    const own = fitted[index] ?? 0;
    if (!shrinks[index]) continue;
    const given = Math.min(excess, Math.max(0, own - leastWidth));
    fitted[index] = own - given;
    excess -= given;
  }
  return fitted;
}

function cut(text: string, width = Infinity): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
}

const noBorders = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, '']),
);
