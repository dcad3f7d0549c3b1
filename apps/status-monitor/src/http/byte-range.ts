/** Bytes from one to before another. */
export interface ByteRange {
  readonly from: number;
  readonly until: number;
}

/**
 * What a Range header asks for of so many bytes (RFC 9110, 14.2): one range; several, and other units, count as none.
 *
 * @returns undefined where all of it is wanted, `unsatisfiable` where nothing of it is there
 */
export function byteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const from = Math.max(0, size - Number(last));
    return from < size && Number(last) > 0 ? { from, until: size } : 'unsatisfiable';
  }
  const from = Number(first);
  const until = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < from) return undefined;
  return from < size ? { from, until } : 'unsatisfiable';
}
