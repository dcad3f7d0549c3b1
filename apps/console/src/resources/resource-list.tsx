import type { Resource } from '#contracts';
import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { listQuery, type Stored } from '../api/resources.js';
import { useMe } from '../api/session.js';
import type { Spec } from '../forms/values.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Paged, rowsOf } from '../parts/paged.js';
import { columnsOf } from './columns.js';
import { ResourcePanel } from './resource-panel.js';
import { mayOffer, placeOf } from './rights.js';
import { useAt } from './time-travel.js';

/** On a project’s page the list is its own, and no column names the project. */
export interface ResourceListProps {
  readonly resource: Resource;
  /** Only what belongs to this project; a new one will. */
  readonly project?: string;
}

/** All there is of a kind, found by name, with a way to make another. */
export function ResourceList({ resource, project }: ResourceListProps) {
  const { value, set } = useAddressFilters();
  const q = value('q');
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
          onChange={(event) => set('q', event.currentTarget.value)}
        />
        {rowsOf(list).length > 0 && make}
      </Group>
      <Paged
        list={list}
        what={resource.title}
        empty={<Nothing resource={resource} asked={asked} action={make} />}
      >
        {(rows) => (
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
      </Paged>
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
  return (
    <ResourcePanel
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
