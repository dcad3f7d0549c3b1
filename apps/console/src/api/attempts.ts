import type { JobOutputs } from '#api';
import { queryOptions } from '@tanstack/react-query';
import { ProblemError, problemOf } from './problem.js';
import { addressOf, request } from './request.js';
import { jobsKey } from './jobs.js';

const attemptAddress = (id: string, what: string): string => `/api/v1/attempts/${id}/${what}`;

/** All that it brought back, as one file. */
export const archiveAddress = (id: string): string => attemptAddress(id, 'outputs.zip');

/** One file that it brought back, for a link: `GET /api/v1/attempts/{id}/outputs/file`. */
export const outputAddress = (id: string, path: string): string =>
  addressOf(attemptAddress(id, 'outputs/file'), { path });

/** What an attempt brought back; nothing of it changes any more. */
export const outputsQuery = (id: string, isThere: boolean) =>
  queryOptions({
    queryKey: [...jobsKey, 'outputs', id],
    queryFn: async ({ signal }) =>
      (await request<JobOutputs>(attemptAddress(id, 'outputs'), { signal })).value,
    enabled: isThere,
    staleTime: 60_000,
    retry: false,
  });

/** More would fill the browser. */
const mostOfBatchLog = 200_000;

/** The batch system's own log of an attempt: its end, where it is long. Asked for when somebody wants it. */
export const batchLogQuery = (id: string, isWanted: boolean) =>
  queryOptions({
    queryKey: ['batch-log', id],
    queryFn: async ({ signal }) => {
      const response = await fetch(attemptAddress(id, 'batch-log'), { signal });
      if (!response.ok) throw new ProblemError(await problemOf(response));
      const text = await response.text();
      return text.length > mostOfBatchLog ? `…${text.slice(-mostOfBatchLog)}` : text;
    },
    enabled: isWanted,
    retry: false,
  });
