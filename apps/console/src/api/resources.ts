import type { Page, PastRepresentation, Representation } from '#api';
import type { Resource } from '#contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Spec } from '../forms/values.js';
import { request } from './request.js';

/** A resource as the API answers it. */
export type Stored = Representation<Spec>;

/** One state of a resource in its history. */
export type Past = PastRepresentation<Spec>;

/** What of a kind is wanted. With `at` the list is as it was then, with what was removed since. */
export interface ListFilter {
  readonly q?: string;
  readonly project?: string;
  /** As it was then, RFC 3339. */
  readonly at?: string;
}

/** How a kind is called: all that asking for its resources needs of it. */
export type Kind = Pick<Resource, 'kind' | 'plural'>;

const addressOf = ({ plural }: Kind, name?: string): string =>
  name === undefined ? `/api/v1/${plural}` : `/api/v1/${plural}/${encodeURIComponent(name)}`;

/** Everything that is known of a kind: what a change of it makes stale. */
export const kindKey = ({ kind }: Kind) => ['resources', kind] as const;

/** The resources of a kind, page by page, for lists and for controls that offer names. */
export const listQuery = (resource: Kind, filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: [...kindKey(resource), 'list', filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam };
      return (await request<Page<Stored>>(addressOf(resource), { query, signal })).value;
    },
    getNextPageParam: ({ next }) => next,
  });

/** A resource with the ETag that a change of it must name. */
export const resourceQuery = (resource: Kind, name: string, at?: string) =>
  queryOptions({
    queryKey: [...kindKey(resource), 'one', name, at ?? ''],
    queryFn: ({ signal }) => request<Stored>(addressOf(resource, name), { query: { at }, signal }),
  });

/** The states of a resource, the latest first; 200 at most. */
export const historyQuery = (resource: Kind, name: string) =>
  queryOptions({
    queryKey: [...kindKey(resource), 'history', name],
    queryFn: async ({ signal }) =>
      (await request<Page<Past>>(`${addressOf(resource, name)}/history`, { query: { limit: 200 }, signal }))
        .value.items,
  });

/** The same key for the same try, so that a try that is repeated makes one thing. */
export const createResource = (resource: Kind, body: unknown, idempotencyKey: string) =>
  request<Stored>(addressOf(resource), { method: 'POST', body, idempotencyKey });

/** Replaces the specification. Rejects with 412 where it is no longer the version that `ifMatch` names. */
export const changeResource = (resource: Kind, name: string, body: unknown, ifMatch: string) =>
  request<Stored>(addressOf(resource, name), { method: 'PUT', body, ifMatch });

/** Takes it away; its history stays. Rejects with 412 as a change does, and with 409 while others refer to it. */
export const removeResource = (resource: Kind, name: string, ifMatch: string) =>
  request<unknown>(addressOf(resource, name), { method: 'DELETE', ifMatch });

/** As the API writes it: the version in quotes. */
export const etagOf = ({ version }: Stored): string => `"${version}"`;
