import { Box, Button, Group, Stack } from '@mantine/core';
import { IconCloudUpload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { publicationsQuery, useLivePublications } from '../api/publications.js';
import { useMe } from '../api/session.js';
import { Empty } from '../parts/empty.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Paged, rowsOf } from '../parts/paged.js';
import { PublicationCard } from './publication-card.js';
import { PublicationFilters, usePublicationFilter } from './publication-filters.js';
import type { PublishPanelProps } from './publish-panel.js';
import type { WhyPanelProps } from './why-panel.js';

const PublishPanel = lazyPanel<PublishPanelProps>(
  async () => (await import('./publish-panel.js')).PublishPanel,
);
const WhyPanel = lazyPanel<WhyPanelProps>(async () => (await import('./why-panel.js')).WhyPanel);

/** Publications as they move; the filters stand in the address. */
export function PublicationList({ project }: { readonly project?: string }) {
  const [isPublishing, setPublishing] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const mayPublish = useMe()?.role !== 'reader';
  const live = useLivePublications();
  const filter = usePublicationFilter();
  const wanted = { ...filter, ...(project !== undefined && { project }) };
  const list = useInfiniteQuery({ ...publicationsQuery(wanted), placeholderData: (before) => before });
  const publish = mayPublish && (
    <Button leftSection={<IconCloudUpload size={16} />} onClick={() => setPublishing(true)}>
      Publish now
    </Button>
  );
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <PublicationFilters />
        <Group gap="sm" ml="auto">
          <LiveBadge state={live} />
          <Button variant="default" onClick={() => setAsking(true)}>
            Why not there?
          </Button>
          {rowsOf(list).length > 0 && publish}
        </Group>
      </Group>
      <Paged
        list={list}
        what="the publications"
        empty={<NoPublication isFiltered={Object.values(filter).some(Boolean)} action={publish} />}
      >
        {(rows) => (
          <Box component="ul" className="cards" aria-label="Publications">
            {rows.map((publication) => (
              <PublicationCard key={publication.id} publication={publication} />
            ))}
          </Box>
        )}
      </Paged>
      <WhyPanel isOpen={isAsking} onClose={() => setAsking(false)} />
      <PublishPanel isOpen={isPublishing} onClose={() => setPublishing(false)} />
    </Stack>
  );
}

function NoPublication({ isFiltered, action }: { readonly isFiltered: boolean; readonly action: ReactNode }) {
  return (
    <Empty
      icon={IconCloudUpload}
      title={isFiltered ? 'No publication is like that' : 'Nothing is published yet'}
      action={action}
    >
      {isFiltered
        ? 'Take a filter away to see more.'
        : 'An image comes here when a registry tells of a push and an image rule wants it, or when you publish one now.'}
    </Empty>
  );
}
