/**
 * Bytes as a string, one character (U+0000 to U+00FF) for each byte. Names in an image are bytes, not text: this keeps
 * those that are not UTF-8 as they are, and compares and hashes as fast as any string.
 */
export type ByteString = string;

/** The bytes of a text in UTF-8. */
export function byteString(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Longest excerpt of a hostile name that is worth showing. */
const shown = 200;

/** For people: UTF-8 where it is such, control characters escaped, cut to a length that fits a log line. */
export function showBytes(bytes: ByteString): string {
  const text = Buffer.from(bytes.slice(0, shown), 'latin1').toString('utf8');
  return JSON.stringify(text) + (bytes.length > shown ? ` (${bytes.length} bytes)` : '');
}
