import type { ByteString } from '../tar/byte-string.js';

// oxlint-disable-next-line no-control-regex -- ASCII begins with its control characters
const ascii = /^[\u0000-\u007f]*$/;

/** A path for `node:fs`: text where text says the same bytes, as that is quicker, else the bytes themselves. */
export function fsPath(path: ByteString): string | Buffer {
  return ascii.test(path) ? path : Buffer.from(path, 'latin1');
}
