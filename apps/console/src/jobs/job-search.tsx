import { Stack } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { StreamState } from '../api/events.js';
import { jobsQuery } from '../api/jobs.js';
import { Empty } from '../parts/empty.js';
import { Paged } from '../parts/paged.js';
import { JobFilters, useJobFilter } from './filters.js';
import { JobTable } from './job-table.js';
import { jobStates } from './states.js';

/** Jobs of all groups, the latest first. */
export function JobSearch({ live }: { readonly live: StreamState }) {
  const { filter, isFiltered } = useJobFilter();
  const list = useInfiniteQuery({ ...jobsQuery(filter, live), placeholderData: (before) => before });
  return (
    <Stack gap="md">
      <JobFilters label="Job" placeholder="a part of its name, or its id there" states={jobStates} />
      <Paged
        list={list}
        what="the jobs"
        empty={
          <Empty icon={IconStack2} title={isFiltered ? 'No job is like that' : 'There are no jobs yet'}>
            {isFiltered
              ? 'Take a filter away to see more.'
              : 'A job comes here as soon as the grid has a group of them.'}
          </Empty>
        }
      >
        {(rows) => <JobTable caption="Jobs, the latest first" rows={rows} isOfMany />}
      </Paged>
    </Stack>
  );
}
