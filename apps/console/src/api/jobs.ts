import type {
  ChangedJobs,
  GridJob,
  GridJobWithAll,
  JobGroup,
  JobGroupWithAll,
  Page,
  SubmitAnswer,
} from '#api';
import type { JobRequestAsWritten } from '#contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { StreamState } from './events.js';
import { request } from './request.js';

/** What of a list is wanted; what is empty does not narrow it. Times as RFC 3339. */
export interface GroupFilter {
  readonly q: string;
  readonly state: string;
  readonly project: string;
  readonly backend: string;
  readonly user: string;
  readonly since: string;
  readonly until: string;
}

/** Jobs of all groups are narrowed by the same things as groups. */
export type JobFilter = GroupFilter;

/** What is shown of jobs and groups: what an event makes stale. */
export const jobsKey = ['jobs'] as const;

/**
 * What is shown is read anew so often without being told, in milliseconds. Who may not follow the events of the house,
 * or cannot hear them now, sees it move none the less.
 */
export const untoldMs = (live: StreamState): number => (live === 'live' ? 10_000 : 4_000);

const pagesOf = <T>(key: string, path: string, filter: object, live: StreamState) =>
  infiniteQueryOptions({
    queryKey: [...jobsKey, key, path, filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam };
      return (await request<Page<T>>(path, { query, signal })).value;
    },
    getNextPageParam: ({ next }) => next,
    refetchInterval: untoldMs(live),
  });

/** `GET /api/v1/groups`, the newest first, page by page. */
export const groupsQuery = (filter: GroupFilter, live: StreamState) =>
  pagesOf<JobGroup>('groups', '/api/v1/groups', filter, live);

/** `GET /api/v1/jobs`, those of all groups, the latest first, page by page. */
export const jobsQuery = (filter: JobFilter, live: StreamState) =>
  pagesOf<GridJob>('search', '/api/v1/jobs', filter, live);

/** Of one group: in the order of its list, unless a text is looked for. */
export const jobsOfGroupQuery = (
  group: string,
  { q, state }: Pick<JobFilter, 'q' | 'state'>,
  live: StreamState,
) =>
  q === ''
    ? pagesOf<GridJob>('of-group', `/api/v1/groups/${group}/jobs`, { state, limit: 100 }, live)
    : pagesOf<GridJob>('of-group', '/api/v1/jobs', { group, q, state, limit: 100 }, live);

/** A group with what its jobs are made from; read anew by itself while it is shown. */
export const groupQuery = (id: string, live: StreamState) =>
  queryOptions({
    queryKey: [...jobsKey, 'group', id],
    queryFn: async ({ signal }) => (await request<JobGroupWithAll>(`/api/v1/groups/${id}`, { signal })).value,
    refetchInterval: untoldMs(live),
  });

/** A job with its attempts; read anew by itself while it is shown. */
export const jobQuery = (id: string, live: StreamState) =>
  queryOptions({
    queryKey: [...jobsKey, 'job', id],
    queryFn: async ({ signal }) => (await request<GridJobWithAll>(`/api/v1/jobs/${id}`, { signal })).value,
    refetchInterval: untoldMs(live),
  });

/** A group, or one job of it. */
export interface Concerned {
  readonly kind: 'group' | 'job';
  readonly id: string;
}

const change = async ({ kind, id }: Concerned, what: string, body?: unknown): Promise<ChangedJobs> =>
  (await request<ChangedJobs>(`/api/v1/${kind}s/${id}/${what}`, { method: 'POST', body })).value;

/** @param reason for people; empty where none is given */
export const cancelJobs = (of: Concerned, reason: string): Promise<ChangedJobs> =>
  change(of, 'cancel', reason === '' ? {} : { reason });

/** Gives what ended without success a further attempt; resolves with how many jobs that were. */
export const retryJobs = (of: Concerned): Promise<ChangedJobs> => change(of, 'retry');

/** The same key for the same try, so that a try that is repeated makes one group. */
export const handInJobs = async (body: JobRequestAsWritten, idempotencyKey: string): Promise<SubmitAnswer> =>
  (await request<SubmitAnswer>('/api/v1/jobs', { method: 'POST', body, idempotencyKey })).value;
