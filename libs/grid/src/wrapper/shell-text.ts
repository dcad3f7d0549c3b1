/** A text as one word of a POSIX shell: what is between single quotes is nothing but itself. */
export function quoted(text: string): string {
  // No shell holds it, and a file that has it is read differently by each.
  if (text.includes('\0')) throw new RangeError('a NUL character cannot be handed to a shell');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Assignments, one for each entry; names are ours and need no check. */
export const assignments = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => `slipway_${name}=${quoted(String(value ?? ''))}\n`)
    .join('');

/** A function that exports variables; one that a shell keeps to itself (bash: UID) does not end the job. */
export function exporting(name: string, variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([variable, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) throw new RangeError(`not a variable: ${variable}`);
    return `command export ${variable}=${quoted(value)} || slipway_no_variable ${variable}\n`;
  });
  return `slipway_${name}() {\n${lines.join('')}:\n}\n`;
}

/** A pattern in which * and ? alone mean something: what a shell takes for a range of characters is a bracket. */
export const pattern = (text: string): string => text.replaceAll('[', '[[]');
