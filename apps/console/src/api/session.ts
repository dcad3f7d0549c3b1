import { queryOptions, useQuery } from '@tanstack/react-query';
import { request } from './request.js';

/** Who is signed in, as the API says. */
export interface Me {
  readonly subject: string;
  readonly name: string;
  readonly via: string;
  readonly role: 'admin' | 'member' | 'reader';
  readonly groups: readonly string[];
  readonly onlyProjects?: readonly string[];
}

/** How one may sign in here. */
export interface SignInMethods {
  readonly oidc?: { readonly title: string; readonly url: string };
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await request<Me>('/api/v1/me', { signal })).value,
  retry: false,
  staleTime: 60_000,
});

export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: async ({ signal }) => (await request<SignInMethods>('/api/v1/sign-in', { signal })).value,
  retry: false,
});

/** Who is signed in; inside the shell there is always somebody. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}
