import { Box, Button, Group, NativeSelect, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCloudUpload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { publicationsQuery, useLivePublications } from '../api/publications.js';
import { listQuery } from '../api/resources.js';
import { useMe } from '../api/session.js';
import { useAddressFilters } from '../parts/address-filters.js';
import { StateFilter, TextFilter } from '../parts/list-filters.js';
import { Empty } from '../parts/empty.js';
import { lazyPanel } from '../parts/lazy-panel.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Paged, rowsOf } from '../parts/paged.js';
import { PublicationCard } from './publication-card.js';
import { publicationStates } from './state-badge.js';
import type { PublishPanelProps } from './publish-panel.js';
import type { WhyPanelProps } from './why-panel.js';

const cvmfsRepositories = { kind: 'cvmfs_repository', plural: 'cvmfs-repositories' } as const;

const PublishPanel = lazyPanel<PublishPanelProps>(
  async () => (await import('./publish-panel.js')).PublishPanel,
);
const WhyPanel = lazyPanel<WhyPanelProps>(async () => (await import('./why-panel.js')).WhyPanel);

/** Publications as they move; the filters stand in the address. */
export function PublicationList({ project }: { readonly project?: string }) {
  const { value, set } = useAddressFilters();
  const [isPublishing, setPublishing] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const mayPublish = useMe()?.role !== 'reader';
  const live = useLivePublications();
  const [q] = useDebouncedValue(value('q'), 250);
  const filter = {
    q,
    state: value('state'),
    cvmfsRepository: value('cvmfsRepository'),
    ...(project !== undefined && { project }),
  };
  const list = useInfiniteQuery({ ...publicationsQuery(filter), placeholderData: (before) => before });
  const repositories = useInfiniteQuery(listQuery(cvmfsRepositories, {}));
  const isFiltered = filter.q !== '' || filter.state !== '' || filter.cvmfsRepository !== '';
  const publish = mayPublish && (
    <Button leftSection={<IconCloudUpload size={16} />} onClick={() => setPublishing(true)}>
      Publish now
    </Button>
  );
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <TextFilter label="Image" placeholder="a part of its name" />
        <StateFilter states={publicationStates} />
        <NativeSelect
          label="CVMFS repository"
          flex="1 1 180px"
          data={[
            { value: '', label: 'all' },
            ...(repositories.data?.pages ?? []).flatMap(({ items }) => items.map(({ name }) => name)),
          ]}
          value={filter.cvmfsRepository}
          onChange={(event) => set('cvmfsRepository', event.currentTarget.value)}
        />
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
        empty={
          <Empty
            icon={IconCloudUpload}
            title={isFiltered ? 'No publication is like that' : 'Nothing is published yet'}
            action={publish}
          >
            {isFiltered
              ? 'Take a filter away to see more.'
              : 'An image comes here when a registry tells of a push and an image rule wants it, or when you publish one now.'}
          </Empty>
        }
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
