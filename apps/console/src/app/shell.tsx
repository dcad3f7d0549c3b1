import { AppShell, Burger, Group, ScrollArea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, Suspense, useEffect } from 'react';
import { Link, Navigate, useLocation } from 'react-router';
import { ProblemError } from '../api/problem.js';
import { meQuery } from '../api/session.js';
import { Loading } from '../parts/loading.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { Brand } from './brand.js';
import { ColorSchemeSwitch } from './color-scheme-switch.js';
import { NavigationLinks } from './navigation-links.js';
import { PersonMenu } from './person-menu.js';

/** What surrounds every page: header, navigation, the place for the page. Who is not signed in is sent to do so. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const { pathname, search } = useLocation();
  const me = useQuery(meQuery);
  useEffect(close, [pathname, close]);

  if (me.error instanceof ProblemError && me.error.status === 401)
    return <Navigate to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} replace />;
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the navigation' : 'Open the navigation'}
              aria-expanded={isOpen}
            />
            <Link to="/" aria-label="Slipway, home" className="plain-link">
              <Brand />
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ColorSchemeSwitch />
            {me.data && <PersonMenu me={me.data} />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Main">
        <AppShell.Section grow component={ScrollArea} type="auto" p="sm">
          <NavigationLinks />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {me.error && <ProblemAlert error={me.error} again={() => void me.refetch()} />}
        {me.isPending && <Loading />}
        {me.data && <Suspense fallback={<Loading />}>{children}</Suspense>}
      </AppShell.Main>
    </AppShell>
  );
}
