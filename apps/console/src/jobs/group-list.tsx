import type { JobGroup } from '#api';
import { Anchor, Stack, Text } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { StreamState } from '../api/events.js';
import { groupsQuery } from '../api/jobs.js';
import { amount } from '../parts/amounts.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Paged } from '../parts/paged.js';
import { When } from '../parts/when.js';
import { JobFilters, useJobFilter } from './filters.js';
import { endedOf, StateBar } from './state-counts.js';
import { GroupStateBadge, groupStates } from './states.js';

/** Groups of jobs, the latest first. */
export function GroupList({ live }: { readonly live: StreamState }) {
  const { filter, isFiltered } = useJobFilter();
  const list = useInfiniteQuery({ ...groupsQuery(filter, live), placeholderData: (before) => before });
  return (
    <Stack gap="md">
      <JobFilters label="Group" placeholder="a part of its name" states={groupStates} />
      <Paged
        list={list}
        what="the groups"
        empty={
          <Empty icon={IconStack2} title={isFiltered ? 'No group is like that' : 'Nothing was handed in yet'}>
            {isFiltered
              ? 'Take a filter away to see more.'
              : 'A group of jobs comes here when a pipeline, the command or the API hands it in; a single job is a group of one.'}
          </Empty>
        }
      >
        {(rows) => (
          <DataTable
            caption="Groups of jobs, the latest first"
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
              { header: 'Group', cell: (group) => <Which group={group} /> },
              { header: 'State', cell: ({ state }) => <GroupStateBadge state={state} /> },
              { header: 'Jobs', cell: (group) => <HowFar group={group} /> },
              { header: 'By', cell: ({ user, requestedBy }) => user ?? requestedBy },
              { header: 'Handed in', cell: ({ requestedAt }) => <When at={requestedAt} isRelative /> },
            ]}
          />
        )}
      </Paged>
    </Stack>
  );
}

function Which({ group: { id, name, project, backend } }: { readonly group: JobGroup }) {
  return (
    <>
      <Anchor component={Link} to={`/jobs/groups/${id}`} className="result-link breakable">
        {name}
      </Anchor>
      <Text fz="sm" c="dimmed" className="breakable">
        {project}
        {backend !== undefined && ` · ${backend}`}
      </Text>
    </>
  );
}

function HowFar({ group }: { readonly group: JobGroup }) {
  if (group.refusal)
    return (
      <Text fz="sm" lineClamp={2}>
        {group.refusal.reason}
      </Text>
    );
  const failed = (group.states.failed ?? 0) + (group.states.lost ?? 0);
  return (
    <div className="how-far">
      <Text fz="sm" className="numeric" mb={4}>
        {amount(endedOf(group))} of {amount(group.jobs)} ended
        {failed > 0 && `, ${amount(failed)} failed`}
      </Text>
      <StateBar group={group} label={`Progress of ${group.name}`} size="sm" />
    </div>
  );
}
