import { permanent } from '#errors';

/**
 * A numeric header field: octal with spaces or NULs around (POSIX), or base 256 in two's complement where the first
 * byte's top bit is set (GNU). Throws `layer.tar_invalid` for what is neither, or is beyond 2^53.
 */
export function readNumber(block: Buffer, offset: number, length: number, field: string): number {
  const first = block[offset] ?? 0;
  if (first >= 0x80) return readBase256(block, offset, length, field);
  return readOctal(block, offset, length, field);
}

function readOctal(block: Buffer, offset: number, length: number, field: string): number {
  const end = offset + length;
  let position = offset;
  while (position < end && (block[position] === 0x20 || block[position] === 0)) position++;
  let value = 0;
  for (; position < end; position++) {
    const byte = block[position] ?? 0;
    if (byte === 0x20 || byte === 0) break;
    if (byte < 0x30 || byte > 0x37) throw badNumber(field);
    value = value * 8 + byte - 0x30;
  }
  for (; position < end; position++) {
    const byte = block[position] ?? 0;
    if (byte !== 0x20 && byte !== 0) throw badNumber(field);
  }
  return value;
}

function readBase256(block: Buffer, offset: number, length: number, field: string): number {
  const first = block[offset] ?? 0;
  const negative = (first & 0x40) !== 0;
  // The top bit is the mark, the next one the sign: the number proper has seven bits here.
  let value = BigInt(negative ? (first & 0x7f) - 0x80 : first & 0x7f);
  for (let position = offset + 1; position < offset + length; position++) {
    value = value * 256n + BigInt(block[position] ?? 0);
  }
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw badNumber(field);
  }
  return Number(value);
}

function badNumber(field: string): Error {
  return permanent('layer.tar_invalid', `the tar header's ${field} is no number that a tar holds`);
}
