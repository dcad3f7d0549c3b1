import type { BrowserSession, Page as PageOf } from '#api';
import { Badge, Group, Text } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/request.js';
import { useMe } from '../api/session.js';
import { AskedButton } from '../parts/asked-button.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Page } from '../parts/page.js';
import { Paged } from '../parts/paged.js';
import { said } from '../parts/said.js';
import { When } from '../parts/when.js';

const queryKey = ['sessions'] as const;

const ways: Readonly<Record<BrowserSession['way'], string>> = {
  openid: 'sign-in provider',
  'api-key': 'API key',
  bootstrap: 'bootstrap key',
};

/** Where one is signed in, and the way to end what is not wanted any more. */
export function SessionsPage() {
  const queries = useQueryClient();
  const isAdmin = useMe()?.role === 'admin';
  const list = useInfiniteQuery({
    queryKey,
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (await request<PageOf<BrowserSession>>('/api/v1/sessions', { query: { cursor: pageParam }, signal }))
        .value,
    getNextPageParam: ({ next }) => next,
  });
  const readAnew = (): void => void queries.invalidateQueries({ queryKey });
  return (
    <Page
      title="Sessions"
      about={
        isAdmin ? 'Browsers that are signed in: those of everybody.' : 'Browsers in which you are signed in.'
      }
    >
      <Paged
        list={list}
        what="the sessions"
        empty={
          <Empty title="No browser is signed in" icon={IconDevices}>
            Not even this one: it came by another way.
          </Empty>
        }
      >
        {(sessions) => (
          <DataTable
            caption="Sessions"
            rows={sessions}
            keyOf={({ id }) => id}
            columns={[
              { header: 'Whose', cell: (session) => <Whose session={session} /> },
              { header: 'Browser', cell: ({ browser }) => browser },
              { header: 'Signed in by', cell: ({ way }) => ways[way] },
              { header: 'Since', cell: ({ createdAt }) => <When at={createdAt} isRelative /> },
              { header: 'Last seen', cell: ({ lastSeenAt }) => <When at={lastSeenAt} isRelative /> },
              { header: 'Ends', cell: ({ expiresAt }) => <When at={expiresAt} isRelative /> },
              { header: 'End', cell: (session) => <End session={session} onEnded={readAnew} /> },
            ]}
          />
        )}
      </Paged>
    </Page>
  );
}

function Whose({ session: { name, isThisOne } }: { readonly session: BrowserSession }) {
  return (
    <Group gap={6}>
      <Text component="span" fw={600}>
        {name}
      </Text>
      {isThisOne && <Badge color="harbour">this browser</Badge>}
    </Group>
  );
}

function End({
  session: { id, name, browser, isThisOne },
  onEnded,
}: {
  readonly session: BrowserSession;
  readonly onEnded: () => void;
}) {
  const end = async (): Promise<void> => {
    await request(`/api/v1/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
    said(`The session of ${name} has ended.`);
    onEnded();
  };
  const what = `the session of ${name} in ${browser}`;
  return (
    <AskedButton
      label="End"
      name={`End ${what}`}
      isSmall
      title={`End ${what}?`}
      confirmLabel="End it"
      onConfirm={end}
    >
      {isThisOne
        ? 'It is this one: you are signed out here.'
        : 'That browser is signed out within a second; whoever uses it signs in again.'}
    </AskedButton>
  );
}
