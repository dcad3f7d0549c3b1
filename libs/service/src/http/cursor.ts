/** A cursor is what the page ended with; nobody but us has to understand it. */
export const cursorOf = (last: unknown): string => Buffer.from(JSON.stringify(last)).toString('base64url');

/** What a cursor was made of: whoever asks may have made it, so check it. Undefined where it is none of ours. */
export function contentOfCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
