import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { BrowserRouter } from 'react-router';
import { ProblemError } from '../api/problem.js';
import { meQuery } from '../api/session.js';
import { Announcer } from './announcer.js';
import { AppRoutes } from './routes.js';
import { cssVariables, theme } from './theme.js';

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // The session ended meanwhile: asking anew who is signed in leads to the sign-in page.
    onError: (error, { queryKey: [what] }) => {
      if (error instanceof ProblemError && error.status === 401 && what !== meQuery.queryKey[0])
        void queries.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the API refused, it refuses again; no answer at all is worth another try.
      retry: (count, error) => count < 2 && (!(error instanceof ProblemError) || error.status === 0),
    },
  },
});

/**
 * The page: theme, queries, errors and routes. `nonce` lets the components' own styles pass the content security
 * policy.
 */
export function App({ nonce }: { readonly nonce: string }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="top-right" containerWidth={400} />
        <Announcer>
          <BrowserRouter>
            <AppRoutes />
          </BrowserRouter>
        </Announcer>
      </QueryClientProvider>
    </MantineProvider>
  );
}
