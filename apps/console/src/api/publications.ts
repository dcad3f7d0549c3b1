import type { Page, Publication, PublicationWithHistory, PublishAnswer, PublishBody } from '#api';
import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useAnnounce } from '../app/announcer.js';
import { type LiveEvent, type StreamState, useEvents } from './events.js';
import { type ImageEvent, imageEvents } from './image-events.js';
import { request } from './request.js';

/** What of the list is wanted; what is missing or empty does not narrow it. `q`: a part of the image's name. */
export interface PublicationFilter {
  readonly q?: string;
  readonly state?: string;
  readonly cvmfsRepository?: string;
  readonly project?: string;
}

const address = '/api/v1/publications';

/**
 * What is shown is read anew so often without being told, in milliseconds: what happened while the registry was away
 * reaches its lists a little after its stream is open again, and no event tells of it any more.
 */
const untoldMs = 10_000;

/** `GET /api/v1/publications`, page by page. */
export const publicationsQuery = (filter: PublicationFilter) =>
  infiniteQueryOptions({
    queryKey: ['publications', 'list', filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam };
      return (await request<Page<Publication>>(address, { query, signal })).value;
    },
    getNextPageParam: ({ next }) => next,
    refetchInterval: untoldMs,
  });

/** A publication with its history, by its id. */
export const publicationQuery = (id: string) =>
  queryOptions({
    queryKey: ['publications', 'one', id],
    queryFn: async ({ signal }) =>
      (await request<PublicationWithHistory>(`${address}/${id}`, { signal })).value,
    refetchInterval: untoldMs,
  });

/** Asks for an image by hand. Each call is a wish of its own: a click that is repeated asks again. */
export const publishNow = async (body: PublishBody): Promise<PublishAnswer> =>
  (await request<PublishAnswer>(address, { method: 'POST', body, idempotencyKey: crypto.randomUUID() }))
    .value;

/** Takes an image off CVMFS; with `now` without the grace period, under jobs that run from it. */
export const unpublish = (id: string, now: boolean) =>
  request(`${address}/${id}`, { method: 'DELETE', query: { now } });

/** Events come faster than one can read: what is shown is read anew so often at most, in milliseconds. */
const pauseMs = 400;

/** Reads the shown publications anew when something was heard of any; says the outcome to those who do not see it. */
export function useLivePublications(): StreamState {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const waiting = useRef(false);
  const readAnew = (): void => {
    if (waiting.current) return;
    waiting.current = true;
    setTimeout(() => {
      waiting.current = false;
      void queries.invalidateQueries({ queryKey: ['publications'] });
    }, pauseMs);
  };
  const onEvent = ({ name, data }: LiveEvent): void => {
    const words = outcomes[name as ImageEvent];
    if (words !== undefined) announce(`${imageIn(data)} ${words}`);
    readAnew();
  };
  return useEvents({ types: 'image.*', names: imageEvents, onEvent, onGap: readAnew });
}

const outcomes: Partial<Record<ImageEvent, string>> = {
  'image.published': 'is published.',
  'image.publish_failed': 'could not be published.',
  'image.unpublished': 'is unpublished.',
};

function imageIn(data: unknown): string {
  const { repository, tags } = data as { readonly repository?: string; readonly tags?: readonly string[] };
  return [repository ?? 'An image', tags?.[0]].filter(Boolean).join(':');
}
