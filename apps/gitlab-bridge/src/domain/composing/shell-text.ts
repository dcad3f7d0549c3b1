/**
 * Stands for the directory that the job runs in, which nobody knows before it runs. No text of a user has a NUL: GitLab
 * stores none, and `withoutNul` sees to it.
 */
export const workDirectory = '\0work\0';

/** A text of a user without NULs, so that none of it can pass for that placeholder. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '');

/** A text as one word of a POSIX shell; the directory of the job is put in when the shell comes to it. */
export const word = (text: string): string =>
  text
    .split(workDirectory)
    .map((piece) => (piece === '' ? '' : `'${piece.replaceAll("'", String.raw`'\''`)}'`))
    .join('"$SLIPWAY_WORK_DIRECTORY"') || "''";

/** Texts as words of a POSIX shell, each quoted, with spaces between. */
export const words = (texts: readonly string[]): string => texts.map(word).join(' ');

const line = (colour: string, text: string): string =>
  `printf '%s\\n' ${word(`\u001B[${colour}m${text}\u001B[0;m`)}`;

/** Shell text that says something in green, as commands are echoed. */
export const notice = (text: string): string => line('32;1', text);

/** Shell text that says something in yellow. */
export const warning = (text: string): string => line('0;33', `WARNING: ${text}`);

/** Shell text that says what the job fails for. */
export const complaint = (text: string): string => line('31;1', `ERROR: ${text}`);

/** Shell text as a section within that of its step, begun with it: for what is over at once. */
export const section = (name: string, text: string): string =>
  `printf '\\033[0Ksection_start:%s:${name}\\r\\033[0K' "$SLIPWAY_STEP_STARTED"
${text}printf '\\033[0Ksection_end:%s:${name}\\r\\033[0K\\n' "$SLIPWAY_STEP_STARTED"
`;

/** Shell text for the line that GitLab shows of a section that is folded. */
export const heading = (text: string): string => line('36;1', text);
