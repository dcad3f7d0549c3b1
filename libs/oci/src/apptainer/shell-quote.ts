/**
 * A text as one word of a POSIX shell, whatever it holds. A NUL, which no shell can hold, is left out.
 */
export function shellQuote(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", String.raw`'\''`)}'`;
}

/** Whether a shell takes it as a variable's name. */
export function isShellName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
