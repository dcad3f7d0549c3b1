import type { JobGroupWithAll } from '#api';
import { Alert, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconHandStop } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import type { StreamState } from '../api/events.js';
import { groupQuery, jobsOfGroupQuery } from '../api/jobs.js';
import { useLiveJobs } from '../api/live-jobs.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { StateFilter, TextFilter } from '../parts/list-filters.js';
import { amount } from '../parts/amounts.js';
import { Empty } from '../parts/empty.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { Paged } from '../parts/paged.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { GroupFacts } from './group-facts.js';
import { JobActions } from './job-actions.js';
import { JobTable } from './job-table.js';
import { JobTemplate } from './job-template.js';
import { endedOf, StateBar, StateLegend } from './state-counts.js';
import { jobStates } from './states.js';

/** A group of jobs: how far it is, what it comes to, and each of its jobs. */
export function GroupPage() {
  const { id = '' } = useParams();
  const live = useLiveJobs(({ groupId }) => groupId === id);
  const { data, error, isPending, refetch } = useQuery(groupQuery(id, live));
  return (
    <Page
      key={id}
      title={data?.name ?? 'Group of jobs'}
      above={{ to: '/jobs', label: 'Jobs' }}
      actions={
        <>
          <LiveBadge state={live} />
          {data && data.state !== 'refused' && (
            <JobActions
              of={{ kind: 'group', id }}
              isAllowed={data.mayChange === true}
              moving={data.jobs - endedOf(data)}
              unsuccessful={endedOf(data) - (data.states.succeeded ?? 0)}
            />
          )}
        </>
      }
    >
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what="the group" />}
      {data && <Body group={data} live={live} />}
    </Page>
  );
}

function Body({ group, live }: { readonly group: JobGroupWithAll; readonly live: StreamState }) {
  const { value, set } = useAddressFilters();
  const { refusal, template } = group;
  if (refusal)
    return (
      <Stack gap="xl">
        <Alert icon={<IconHandStop />} color="red" title="It was refused" className="breakable">
          <Text fz="sm">{refusal.reason}</Text>
          <Text fz="sm" mt={4}>
            <Code>{refusal.code}</Code>; nothing of it was handed to a batch system. What is put right can be
            handed in again.
          </Text>
        </Alert>
        <GroupFacts group={group} />
      </Stack>
    );
  return (
    <Stack gap="xl">
      <Paper component="section" p={{ base: 'md', sm: 'lg' }} aria-label="Progress">
        <Group justify="space-between" gap="xs" mb="xs">
          <Text fw={650} className="numeric">
            {amount(endedOf(group))} of {amount(group.jobs)} jobs ended
          </Text>
        </Group>
        <StateBar group={group} label="Jobs that ended" />
        <div className="below-bar">
          <StateLegend group={group} chosen={value('state')} onChoose={(state) => set('state', state)} />
        </div>
      </Paper>
      <GroupFacts group={group} />
      <Jobs group={group.id} live={live} />
      {template && <JobTemplate template={template} />}
    </Stack>
  );
}

function Jobs({ group, live }: { readonly group: string; readonly live: StreamState }) {
  const { value } = useAddressFilters();
  const [q] = useDebouncedValue(value('q').trim(), 250);
  const state = value('state');
  const list = useInfiniteQuery({
    ...jobsOfGroupQuery(group, { q, state }, live),
    placeholderData: (before) => before,
  });
  return (
    <Stack component="section" gap="md">
      <Title order={2} fz={18}>
        Its jobs
      </Title>
      <Group gap="sm" align="flex-end">
        <TextFilter label="Job" placeholder="a part of its name, or its id in the batch system" />
        <StateFilter states={jobStates} />
      </Group>
      <Paged
        list={list}
        what="the jobs"
        empty={<Empty title="None of its jobs is like that">Take a filter away to see more.</Empty>}
      >
        {(rows) => <JobTable caption="Jobs of the group" rows={rows} />}
      </Paged>
    </Stack>
  );
}
