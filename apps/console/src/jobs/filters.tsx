import { Autocomplete, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { GroupFilter } from '../api/jobs.js';
import { listQuery } from '../api/resources.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { StateFilter, TextFilter } from '../parts/list-filters.js';

const projects = { kind: 'project', plural: 'projects' } as const;
const backends = { kind: 'backend', plural: 'backends' } as const;
const names = ['q', 'state', 'project', 'backend', 'user', 'since', 'until'] as const;

/** What the address wants of a list of groups or of jobs: days as whole days here, the last one included. */
export function useJobFilter(): { readonly filter: GroupFilter; readonly isFiltered: boolean } {
  const { value } = useAddressFilters();
  const typed = Object.fromEntries(names.map((name) => [name, value(name).trim()])) as Record<
    (typeof names)[number],
    string
  >;
  const [asked] = useDebouncedValue(JSON.stringify(typed), 250);
  const { since, until, ...rest } = JSON.parse(asked) as typeof typed;
  const filter = { ...rest, since: beginOf(since, 0), until: beginOf(until, 1) };
  return { filter, isFiltered: Object.values(filter).some((text) => text !== '') };
}

/** When a day begins here, or one of the next; empty where it is none. */
function beginOf(day: string, daysLater: number): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (!parts) return '';
  const at = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + daysLater);
  return at.toISOString();
}

/** What differs between groups and jobs; what both are filtered by stands in JobFilters itself. */
export interface JobFiltersProps {
  /** What is looked for by text. */
  readonly label: string;
  readonly placeholder: string;
  readonly states: readonly string[];
  readonly children?: ReactNode;
}

/** The filters of groups and jobs; they stand in the address. */
export function JobFilters({ label, placeholder, states, children }: JobFiltersProps) {
  const { value, set } = useAddressFilters();
  const date = (name: 'since' | 'until', words: string) => (
    <TextInput
      type="date"
      label={words}
      flex="1 1 130px"
      value={value(name)}
      onChange={(event) => set(name, event.currentTarget.value)}
    />
  );
  return (
    <Group gap="sm" align="flex-end">
      <TextFilter label={label} placeholder={placeholder} />
      <StateFilter states={states} />
      <NameFilter of={projects} name="project" label="Project" />
      <NameFilter of={backends} name="backend" label="Backend" />
      <TextInput
        label="User"
        placeholder="all"
        flex="1 1 120px"
        value={value('user')}
        onChange={(event) => set('user', event.currentTarget.value)}
      />
      <Group gap="sm" wrap="nowrap" flex="1 1 300px">
        {date('since', 'From')}
        {date('until', 'To')}
      </Group>
      {children}
    </Group>
  );
}

interface NameFilterProps {
  readonly of: typeof projects | typeof backends;
  readonly name: 'project' | 'backend';
  readonly label: string;
}

/** The name of a resource: typed, or taken from those that the API finds. */
function NameFilter({ of, name, label }: NameFilterProps) {
  const { value, set } = useAddressFilters();
  const [asked] = useDebouncedValue(value(name), 250);
  const { data } = useInfiniteQuery(listQuery(of, { q: asked }));
  const found = (data?.pages ?? []).flatMap(({ items }) => items.map((one) => one.name));
  return (
    <Autocomplete
      label={label}
      placeholder="all"
      flex="1 1 130px"
      value={value(name)}
      onChange={(text) => set(name, text)}
      data={[...new Set(found)]}
      limit={20}
    />
  );
}
