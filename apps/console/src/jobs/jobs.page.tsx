import { Button, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useLiveJobs } from '../api/live-jobs.js';
import { useMe } from '../api/session.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Page } from '../parts/page.js';
import { GroupList } from './group-list.js';
import { JobSearch } from './job-search.js';

const HandInPanel = lazyPanel(async () => (await import('./hand-in-panel.js')).HandInPanel);

/** What was handed in to the grid: as groups, or job by job. */
export function JobsPage() {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const live = useLiveJobs();
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const tab = pathname === '/jobs/search' ? 'search' : 'groups';
  return (
    <Page
      title="Jobs"
      about="What runs on the grid, ran and will run: groups of jobs as they were handed in, and single jobs."
      actions={
        <>
          <LiveBadge state={live} />
          {me && me.role !== 'reader' && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
              Hand in
            </Button>
          )}
        </>
      }
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
      <HandInPanel isOpen={isOpen} onClose={() => setOpen(false)} />
    </Page>
  );
}
