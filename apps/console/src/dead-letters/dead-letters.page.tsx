import type { DeadLetter } from '#api';
import { queues } from '#contracts';
import { Anchor, Badge, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconMoodHappy } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { deadLettersQuery } from '../api/dead-letters.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Page } from '../parts/page.js';
import { Paged } from '../parts/paged.js';
import { When } from '../parts/when.js';
import { DeadLetterActions } from './dead-letter-actions.js';

/** Messages that a service gave up, with the reason. */
export function DeadLettersPage() {
  const [search, setSearch] = useSearchParams();
  const queue = search.get('queue') ?? '';
  const list = useInfiniteQuery(deadLettersQuery(queue));
  return (
    <Page
      title="Dead letters"
      about="Messages that a service gave up, and why. What made them fail is put right first; then they are replayed."
      actions={
        <Button variant="default" onClick={() => void list.refetch()} loading={list.isRefetching}>
          Look again
        </Button>
      }
    >
      <Stack>
        <NativeSelect
          label="Queue"
          maw={320}
          data={[{ value: '', label: 'all' }, ...Object.values(queues).map(({ name }) => name)]}
          value={queue}
          onChange={({ currentTarget: { value } }) => setSearch(value === '' ? {} : { queue: value })}
        />
        <Paged
          list={list}
          what="the dead letters"
          empty={
            <Empty title="There are none" icon={IconMoodHappy}>
              No service has given up a message{queue !== '' && ' of this queue'}. When one does, it waits
              here until somebody replays or drops it.
            </Empty>
          }
        >
          {(rows) => (
            <DataTable
              caption="Dead letters"
              rows={rows}
              keyOf={({ queue, id }) => `${queue} ${id}`}
              columns={[
                { header: 'Message', cell: (letter) => <Which letter={letter} /> },
                { header: 'Why', cell: (letter) => <Why letter={letter} /> },
                { header: 'When', cell: ({ at }) => (at ? <When at={at} isRelative /> : '—') },
                { header: 'Do', cell: (letter) => <DeadLetterActions letter={letter} isSmall /> },
              ]}
            />
          )}
        </Paged>
      </Stack>
    </Page>
  );
}

const placeOfLetter = ({ queue, id }: Pick<DeadLetter, 'queue' | 'id'>): string =>
  `/dead-letters/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;

function Which({ letter }: { readonly letter: DeadLetter }) {
  return (
    <>
      <Anchor component={Link} to={placeOfLetter(letter)} className="result-link">
        {letter.type?.replace(/^org\.slipway\./, '') ?? 'unknown message'}
      </Anchor>
      <Text fz="sm">{letter.subject}</Text>
      <Text fz="xs" c="dimmed">
        {letter.queue}
      </Text>
    </>
  );
}

/** Why a message died: the code, and the words of who refused it. */
export function Why({ letter }: { readonly letter: DeadLetter }) {
  return (
    <>
      <Group gap={6}>
        <Badge color="red">{letter.reason}</Badge>
        {letter.code !== undefined && <Badge color="gray">{letter.code}</Badge>}
      </Group>
      {letter.message !== undefined && (
        <Text fz="sm" mt={4}>
          {letter.message}
        </Text>
      )}
    </>
  );
}
