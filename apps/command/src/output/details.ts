import { type Paint, plain } from './paint.js';

/** One field a line, names in a column. */
export function details(fields: readonly (readonly [string, string])[], paint: Paint): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => {
      const lines = plain(value).split('\n');
      const rest = lines.slice(1).map((line) => `${' '.repeat(width + 2)}${line}`);
      return [`${paint('dim', name.padEnd(width))}  ${lines[0] ?? ''}`, ...rest].join('\n');
    })
    .join('\n');
}
