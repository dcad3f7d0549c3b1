import { permanent } from '#errors';
import type { FastifyRequest } from 'fastify';
import type { Expected, StoredResource } from '../domain/stored-resource.js';

type Headers = FastifyRequest['headers'];

/** A resource's entity tag (RFC 9110, 8.8.3). */
export const etagOf = ({ version }: Pick<StoredResource, 'version'>): string => `"${version}"`;

/**
 * What a PUT or DELETE expects to find. It has to say so: an admin who did not look must not undo what another did.
 *
 * @throws permanent `request.version_missing`
 */
export function expectedBy(headers: Headers): Expected {
  if (headers['if-none-match']?.trim() === '*') return 'nothing';
  const tags = headers['if-match'];
  if (tags === undefined) {
    const message =
      'name the version that you change by If-Match: "<version>"; If-None-Match: * makes a new one';
    throw permanent('request.version_missing', message, { level: 'info' });
  }
  if (tags.trim() === '*') return 'something';
  return { versions: versionsIn(tags) };
}

/** Whether who asks has this version already (RFC 9110, 13.1.2). */
export function isKnown(headers: Headers, etag: string): boolean {
  const tags = headers['if-none-match'];
  if (tags === undefined) return false;
  return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** Weak tags never match strongly; what is no tag of ours matches nothing. */
const versionsIn = (tags: string): readonly number[] =>
  tags.split(',').map((tag) => Number(/^\s*"(\d{1,9})"\s*$/.exec(tag)?.[1] ?? 0));
