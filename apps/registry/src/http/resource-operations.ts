import { bodyOf, pageOf, pageQuery, pastRepresentationOf, representationOf, resourceQuery, time } from '#api';
import type { Resource } from '#contracts';
import { z } from 'zod';
import type { OperationParts } from './operation.decorator.js';

/** The header `Idempotency-Key`, as every route checks it that takes one. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'expected 1 to 255 visible ASCII characters')
  .optional()
  .describe(
    'the same for the same request sent again within 24 hours: it counts once, and is answered the same',
  );

/** Of what has a name; a name that no resource can have is simply not there. */
export const namedParams = z.object({ name: z.string().min(1).max(255) });

const etag = { ETag: 'the version in quotes, for If-Match' };
const ifMatch = z.string().max(1_000).optional().describe('the version in quotes that is changed, or *');

/** What the routes of one kind take and answer. */
export function resourceOperations(resource: Resource): Readonly<Record<Action, OperationParts>> {
  const { title, plural, means } = resource;
  const tag = `${title[0]?.toUpperCase()}${title.slice(1)}s`.replace(/ys$/, 'ies');
  const schema = representationOf(resource);
  const body = bodyOf(resource);
  const asIs = { means: `the ${title}`, schema, headers: etag };
  return {
    list: {
      tag,
      summary: `List ${plural}`,
      description: means,
      query: resourceQuery,
      answers: { 200: { means: 'one page, by name', schema: pageOf(schema) } },
    },
    create: {
      tag,
      summary: `Make a ${title}`,
      headers: z.object({ 'idempotency-key': idempotencyKey }),
      body,
      keepsBodyAsWritten: true,
      answers: { 201: { ...asIs, headers: { ...etag, Location: 'its address' } } },
      refuses: [409],
    },
    read: {
      tag,
      summary: `Read a ${title}`,
      params: namedParams,
      query: z.object({ at: time.optional().describe('as it was then') }),
      headers: z.object({ 'if-none-match': z.string().max(1_000).optional() }),
      answers: { 200: asIs, 304: { means: 'the version that If-None-Match names still is the latest' } },
    },
    replace: {
      tag,
      summary: `Change a ${title}, or make one under this name`,
      description:
        'The body is the whole new specification. If-Match names the version that it replaces; If-None-Match: * makes a new one.',
      params: namedParams,
      headers: z.object({
        'if-match': ifMatch,
        'if-none-match': z.string().max(1_000).optional().describe('* where there must be none yet'),
      }),
      body,
      keepsBodyAsWritten: true,
      answers: { 200: asIs, 201: { ...asIs, means: `the ${title}, which is new` } },
      refuses: [409, 412, 428],
    },
    remove: {
      tag,
      summary: `Remove a ${title}`,
      description: 'Refused while others name it.',
      params: namedParams,
      headers: z.object({ 'if-match': ifMatch }),
      answers: { 204: { means: 'it is gone' } },
      refuses: [409, 412, 428],
    },
    history: {
      tag,
      summary: `List the states of a ${title}, the latest first`,
      params: namedParams,
      query: pageQuery,
      answers: { 200: { means: 'one page', schema: pageOf(pastRepresentationOf(resource)) } },
    },
  };
}

type Action = 'list' | 'create' | 'read' | 'replace' | 'remove' | 'history';
