import type { AuditEntry, Page as PageOf } from '#api';
import { resources } from '#contracts';
import { Anchor, Badge, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { request } from '../api/request.js';
import { labelOf } from '../forms/fields.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Page } from '../parts/page.js';
import { Paged } from '../parts/paged.js';
import { When } from '../parts/when.js';
import { placeOf } from '../resources/rights.js';

const filters = ['kind', 'name', 'project', 'by'] as const;
type Filter = Readonly<Record<(typeof filters)[number], string>>;

/** Who did what, and when; the filters stand in the address. */
export function AuditPage() {
  const { value, set } = useAddressFilters();
  const filter = Object.fromEntries(filters.map((name) => [name, value(name)])) as Filter;
  const [asked] = useDebouncedValue(filter, 300);
  return (
    <Page
      title="Audit trail"
      about="Who changed what, and when. Owners see that of their projects; admins all of it."
    >
      <Stack>
        <Group gap="sm" grow preventGrowOverflow={false}>
          <NativeSelect
            label="Kind"
            miw={150}
            data={[
              { value: '', label: 'all' },
              ...resources.map(({ kind }) => ({ value: kind, label: labelOf(kind) })),
            ]}
            value={filter.kind}
            onChange={(event) => set('kind', event.currentTarget.value)}
          />
          {(['name', 'project', 'by'] as const).map((name) => (
            <TextInput
              key={name}
              type="search"
              label={labelOf(name === 'by' ? 'who' : name)}
              miw={150}
              value={filter[name]}
              onChange={(event) => set(name, event.currentTarget.value)}
            />
          ))}
        </Group>
        <Entries filter={asked} />
      </Stack>
    </Page>
  );
}

function Entries({ filter }: { readonly filter: Filter }) {
  const list = useInfiniteQuery({
    queryKey: ['audit', filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam };
      return (await request<PageOf<AuditEntry>>('/api/v1/audit', { query, signal })).value;
    },
    getNextPageParam: ({ next }) => next,
  });
  return (
    <Paged
      list={list}
      what="the audit trail"
      empty={
        <Empty title="Nothing was done that is like that" icon={IconHistory}>
          Every change that somebody makes is written down here. Take a filter away to see more.
        </Empty>
      }
    >
      {(rows) => (
        <DataTable
          caption="Audit trail, the latest first"
          rows={rows}
          keyOf={({ id }) => String(id)}
          columns={[
            { header: 'When', cell: ({ at }) => <When at={at} /> },
            { header: 'Who', cell: (entry) => <Who entry={entry} /> },
            { header: 'Did', cell: ({ action }) => <Badge color={colorOf(action)}>{action}</Badge> },
            { header: 'To what', cell: (entry) => <What entry={entry} /> },
            {
              header: 'More',
              cell: ({ fields, detail }) => (
                <Text component="span" fz="sm">
                  {detail ?? (fields.join(', ') || '—')}
                </Text>
              ),
            },
          ]}
        />
      )}
    </Paged>
  );
}

const colorOf = (action: string): string =>
  action === 'removed' || action === 'revoked' ? 'red' : action === 'created' ? 'green' : 'blue';

function Who({ entry: { by, via } }: { readonly entry: AuditEntry }) {
  return (
    <>
      {by}{' '}
      <Text component="span" fz="xs" c="dimmed">
        {via}
      </Text>
    </>
  );
}

function What({ entry: { kind, name, version } }: { readonly entry: AuditEntry }) {
  const resource = resources.find((one) => one.kind === kind);
  const words = kind === undefined ? '' : labelOf(kind);
  return (
    <>
      <Text component="span" fz="sm" c="dimmed">
        {words}{' '}
      </Text>
      {resource && name !== undefined ? (
        <Anchor component={Link} to={placeOf(resource, name)}>
          {name}
        </Anchor>
      ) : (
        name
      )}
      {version !== undefined && (
        <Text component="span" fz="sm" c="dimmed">
          {' '}
          v{version}
        </Text>
      )}
    </>
  );
}
