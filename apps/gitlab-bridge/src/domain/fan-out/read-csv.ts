/**
 * Rows of separated values (RFC 4180: quotes around what holds separators, quotes or line ends; a quote is doubled).
 * Lines without anything are left out. Undefined where a quote is never closed.
 */
export function readSeparated(
  text: string,
  separator: ',' | '\t',
): readonly (readonly string[])[] | undefined {
  const field = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^"${separator}\r\n][^${separator}\r\n]*)?)(${separator}|\r?\n|$)`,
    'y',
  );
  const rows: (readonly string[])[] = [];
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const [all, quoted, plain = '', end] = field.exec(text) ?? [];
    if (all === undefined) return undefined;
    row.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end === separator && field.lastIndex < text.length) continue;
    if (end === separator) row.push('');
    if (row.some((value) => value !== '')) rows.push(row);
    row = [];
  }
  return rows;
}
