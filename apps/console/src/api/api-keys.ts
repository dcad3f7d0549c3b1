import type { ApiKey, CreatedApiKey, Page } from '#api';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from './request.js';

const address = '/api/v1/api-keys';

/** `GET /api/v1/api-keys`, page by page. Its key is what making or revoking one makes stale. */
export const apiKeysQuery = infiniteQueryOptions({
  queryKey: ['api-keys'],
  initialPageParam: '',
  queryFn: async ({ pageParam, signal }) =>
    (await request<Page<ApiKey>>(address, { query: { cursor: pageParam }, signal })).value,
  getNextPageParam: ({ next }) => next,
});

/** Makes a key; what is resolved with holds it, this once. */
export const makeApiKey = async (body: unknown): Promise<CreatedApiKey> =>
  (await request<CreatedApiKey>(address, { method: 'POST', body })).value;

/** Ends it at once, for whoever uses it. */
export const revokeApiKey = (id: string) =>
  request(`${address}/${encodeURIComponent(id)}`, { method: 'DELETE' });
