import { hash } from 'node:crypto';

/** RFC 9562 asks for a namespace of one’s own; this one means “a delivery to the relay”. */
const namespace = '5c1b9b5e-0f3d-4a6c-9f3b-7d1e2a8c4f60';

/**
 * The id of the event that a delivery gives: a name-based UUID version 8 over SHA-256 (RFC 9562, appendix B.2). The
 * same delivery, whenever and to whichever copy of the relay it comes, has the same id.
 * @param source the source’s name
 * @param key what identifies the delivery among that source’s
 * @param index place among the events that the delivery gave under this key
 */
export function eventId(source: string, key: string, index: number): string {
  // Lengths first: no source and key can together read as another source and key.
  const hex = hash('sha256', `${namespace}${source.length}:${source}${key.length}:${key}${index}`, 'hex');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A delivery’s key where the sender gives none: what it says. */
export function contentKey(body: Buffer | string): string {
  return `sha256:${hash('sha256', body, 'hex')}`;
}
