import type { Me, SignInMethods } from '#api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { request } from './request.js';

/** Who is signed in: `GET /api/v1/me`. A 401 is the way to the sign-in page, so it is not tried again. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await request<Me>('/api/v1/me', { signal })).value,
  retry: false,
  staleTime: 60_000,
});

/** How one can sign in here: `GET /api/v1/sign-in`, which needs no session. */
export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: async ({ signal }) => (await request<SignInMethods>('/api/v1/sign-in', { signal })).value,
  retry: false,
});

/** Who is signed in; inside the shell there is always somebody. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}
