import type { Resource } from '#contracts';
import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { listQuery, type Stored } from '../api/resources.js';
import { useMe } from '../api/session.js';
import { CredentialPanel } from '../credentials/credential-panel.js';
import type { Spec } from '../forms/values.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Loading } from '../parts/loading.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { columnsOf } from './columns.js';
import { EditPanel } from './edit-panel.js';
import { mayOffer, placeOf } from './rights.js';
import { useAt } from './time-travel.js';

export interface ResourceListProps {
  readonly resource: Resource;
  /** Only what belongs to this project; a new one will. */
  readonly project?: string;
}

/** All there is of a kind, found by name, with a way to make another. */
export function ResourceList({ resource, project }: ResourceListProps) {
  const [search, setSearch] = useSearchParams();
  const q = search.get('q') ?? '';
  const [asked] = useDebouncedValue(q, 250);
  const at = useAt();
  const [isOpen, setOpen] = useState(false);
  const mayMake = mayOffer(useMe(), resource) && at === undefined;
  const list = useInfiniteQuery(
    listQuery(resource, {
      q: asked,
      ...(project !== undefined && { project }),
      ...(at !== undefined && { at }),
    }),
  );
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const make = mayMake && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
      New {resource.title}
    </Button>
  );
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <TextInput
          type="search"
          aria-label={`Find a ${resource.title} by name`}
          placeholder="Find by name"
          leftSection={<IconSearch size={16} />}
          flex="1 1 200px"
          maw={360}
          value={q}
          onChange={({ currentTarget: { value } }) =>
            setSearch((old) => withQuery(old, value), { replace: true })
          }
        />
        {rows.length > 0 && make}
      </Group>
      {list.error && <ProblemAlert error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Loading what={resource.title} />}
      {list.isSuccess && rows.length === 0 && <Nothing resource={resource} asked={asked} action={make} />}
      {rows.length > 0 && (
        <DataTable
          caption={`${resource.title}: name and what it is`}
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { header: 'Name', cell: (row) => <NameLink resource={resource} row={row} /> },
            ...columnsOf(resource, project !== undefined),
          ]}
        />
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void list.fetchNextPage()}
          loading={list.isFetchingNextPage}
          mx="auto"
        >
          Show more
        </Button>
      )}
      <NewPanel resource={resource} project={project} isOpen={isOpen} onClose={() => setOpen(false)} />
    </Stack>
  );
}

function NameLink({ resource, row }: { readonly resource: Resource; readonly row: Stored }) {
  const at = useAt();
  const search = at === undefined ? '' : `?at=${encodeURIComponent(at)}`;
  return (
    <Anchor component={Link} to={placeOf(resource, row.name) + search} className="result-link">
      {row.name}
    </Anchor>
  );
}

interface NewPanelProps {
  readonly resource: Resource;
  readonly project: string | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function NewPanel({ resource, project, isOpen, onClose }: NewPanelProps) {
  const navigate = useNavigate();
  const start: Spec = project === undefined ? {} : { project };
  const Panel = resource.kind === 'credential' ? CredentialPanel : EditPanel;
  return (
    <Panel
      resource={resource}
      stored={undefined}
      isOpen={isOpen}
      onClose={onClose}
      start={start}
      locked={Object.keys(start)}
      // Within a project one goes on with the project.
      {...(project === undefined && {
        onSaved: ({ name }: Stored) => void navigate(placeOf(resource, name)),
      })}
    />
  );
}

interface NothingProps {
  readonly resource: Resource;
  readonly asked: string;
  readonly action: ReactNode;
}

function Nothing({ resource, asked, action }: NothingProps) {
  if (asked !== '')
    return <Empty title={`No ${resource.title} has “${asked}” in its name`}>Try a shorter part of it.</Empty>;
  return (
    <Empty title={`There is no ${resource.title} yet`} action={action}>
      {resource.means} {!action && 'Admins and owners of projects can make one.'}
    </Empty>
  );
}

function withQuery(search: URLSearchParams, q: string): URLSearchParams {
  if (q === '') search.delete('q');
  else search.set('q', q);
  return search;
}
