import type { DeadLetter, DeadLetterWithPayload, Page } from '#api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './request.js';

const address = '/api/v1/dead-letters';

/** What was never routed has no queue of its own. */
const pathTo = (queue: string, id: string): string =>
  `${address}/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;

export const deadLettersQuery = (queue: string) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', 'list', queue],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (await request<Page<DeadLetter>>(address, { query: { queue, cursor: pageParam }, signal })).value,
    getNextPageParam: ({ next }) => next,
  });

export const deadLetterQuery = (queue: string, id: string) =>
  queryOptions({
    queryKey: ['dead-letters', 'one', queue, id],
    queryFn: async ({ signal }) =>
      (await request<DeadLetterWithPayload>(pathTo(queue, id), { signal })).value,
  });

export const replay = (queue: string, id: string) =>
  request(`${pathTo(queue, id)}/replay`, { method: 'POST' });

export const drop = (queue: string, id: string) => request(pathTo(queue, id), { method: 'DELETE' });
