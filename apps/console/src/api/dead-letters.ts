import type { DeadLetter, DeadLetterWithPayload, Page } from '#api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './request.js';

const address = '/api/v1/dead-letters';

/** What was never routed has no queue of its own. */
const pathTo = (queue: string, id: string): string =>
  `${address}/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;

/** `GET /api/v1/dead-letters`, page by page; those of all queues where `queue` is empty. */
export const deadLettersQuery = (queue: string) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', 'list', queue],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (await request<Page<DeadLetter>>(address, { query: { queue, cursor: pageParam }, signal })).value,
    getNextPageParam: ({ next }) => next,
  });

/** One dead letter with its headers and payload; a 404 once somebody replayed or dropped it. */
export const deadLetterQuery = (queue: string, id: string) =>
  queryOptions({
    queryKey: ['dead-letters', 'one', queue, id],
    queryFn: async ({ signal }) =>
      (await request<DeadLetterWithPayload>(pathTo(queue, id), { signal })).value,
  });

/** Sends it back into the queue whose consumer gave it up; it is no dead letter any more then. */
export const replay = (queue: string, id: string) =>
  request(`${pathTo(queue, id)}/replay`, { method: 'POST' });

/** Deletes it for good. Who read it in a list has to read that anew. */
export const drop = (queue: string, id: string) => request(pathTo(queue, id), { method: 'DELETE' });
