import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';

const deflating = promisify(deflateRaw);
const inflating = promisify(inflateRaw);

/** Below this many bytes compressing gains nothing. */
const worthIt = 128;

/** A piece of a log as it is kept. */
export interface Packed {
  readonly isDeflated: boolean;
  readonly body: Buffer;
}

/** Up to this many bytes compressing takes less time than having a thread do it. */
const doneAtOnce = 16 * 2 ** 10;

/** Level 1: logs shrink to a fifth at a speed that leaves the processor to others. */
export async function pack(piece: Buffer): Promise<Packed> {
  if (piece.length < worthIt) return { isDeflated: false, body: piece };
  const body =
    piece.length <= doneAtOnce ? deflateRawSync(piece, { level: 1 }) : await deflating(piece, { level: 1 });
  return body.length < piece.length ? { isDeflated: true, body } : { isDeflated: false, body: piece };
}

/** The piece as it came; at once where it was not worth compressing. */
export const unpack = ({ isDeflated, body }: Packed): Promise<Buffer> | Buffer =>
  isDeflated ? inflating(body) : body;

const newline = 0x0a;

/** How many line feeds there are. */
export function countLines(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) lines += 1;
  return lines;
}
