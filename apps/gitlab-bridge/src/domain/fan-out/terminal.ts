const codes = { bold: 1, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** The styles of GitLab's trace that are used here (ECMA-48, SGR). */
export type Colour = keyof typeof codes;

/** GitLab shows ANSI colours; what is coloured ends plain, so that a cut line colours nothing else. */
export const painted = (colour: Colour | undefined, text: string): string =>
  colour === undefined || text === '' ? text : `\u001B[${codes[colour]}m${text}\u001B[0m`;

/** Back to the begin of the line, and erase it: what follows takes its place. */
export const renewed = '\r\u001B[0K';

/** In one line, without anything that a terminal would act on: words come from nodes and batch systems. */
export const oneLine = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- they are what is to be taken out
    .replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g, ' ')
    .trim();

/** At most so many characters; the middle goes, for keys differ at their ends. */
export function shortened(text: string, most: number): string {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const head = Math.floor((most - 1) / 3);
  return `${characters.slice(0, head).join('')}…${characters.slice(head + 1 - most).join('')}`;
}

/** Left-aligned in columns as wide as their widest cell; the last one is as long as it likes. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, Array.from(cell).length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}

const spans: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** `2 h 5 min`, `40 s`: the two largest units. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = spans.findIndex(([, length]) => whole >= length);
  if (first < 0) return '0 s';
  const [unit, length] = spans[first] ?? ['s', 1];
  const [small, smallLength] = spans[first + 1] ?? ['', 0];
  const rest = smallLength === 0 ? 0 : Math.floor((whole % length) / smallLength);
  return `${Math.floor(whole / length)} ${unit}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.5 GB`, in powers of ten. */
export function size(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[step]}`;
}
