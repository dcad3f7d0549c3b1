import { Tabs } from '@mantine/core';
import { useLocation, useNavigate } from 'react-router';
import { useLiveJobs } from '../api/live-jobs.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Page } from '../parts/page.js';
import { GroupList } from './group-list.js';
import { JobSearch } from './job-search.js';

/** What was handed in to the grid: as groups, or job by job. */
export function JobsPage() {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const live = useLiveJobs();
  const tab = pathname === '/jobs/search' ? 'search' : 'groups';
  return (
    <Page
      title="Jobs"
      about="What runs on the grid, ran and will run: groups of jobs as they were handed in, and single jobs."
      actions={<LiveBadge state={live} />}
    >
      <Tabs
        value={tab}
        onChange={(next) => void navigate(next === 'search' ? '/jobs/search' : '/jobs')}
        keepMounted={false}
        activateTabWithKeyboard={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="groups">Groups</Tabs.Tab>
          <Tabs.Tab value="search">Single jobs</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="groups">
          <GroupList live={live} />
        </Tabs.Panel>
        <Tabs.Panel value="search">
          <JobSearch live={live} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
