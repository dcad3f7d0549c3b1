import { createHash } from 'node:crypto';

/** RFC 9562 asks for a namespace of one’s own; this one means “a delivery to the relay”. */
const namespace = Buffer.from('5c1b9b5e0f3d4a6c9f3b7d1e2a8c4f60', 'hex');

/**
 * The id of the event that a delivery gives: a name-based UUID version 8 over SHA-256 (RFC 9562, appendix B.2). The
 * same delivery, whenever and to whichever copy of the relay it comes, has the same id.
 * @param source the source’s name
 * @param key what identifies the delivery among that source’s
 * @param index place among the events that the delivery gave under this key
 */
export function eventId(source: string, key: string, index: number): string {
  const hash = createHash('sha256')
    .update(namespace)
    // Lengths first: no source and key can together read as another source and key.
    .update(`${source.length}:${source}${key.length}:${key}${index}`)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A delivery’s key where the sender gives none: what it says. */
export function contentKey(body: Buffer | string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
