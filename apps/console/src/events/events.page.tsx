import { messages } from '#contracts';
import { Button, Code, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBolt, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { type LiveEvent, useEvents } from '../api/events.js';
import { Empty } from '../parts/empty.js';
import { LiveBadge } from '../parts/live-badge.js';
import { Page } from '../parts/page.js';
import { When } from '../parts/when.js';

const names = messages.filter(({ kind }) => kind === 'event').map(({ name }) => name);

/** More would fill the browser, and nobody reads them. */
const maxShown = 200;

/** Everything that happens, as it happens. */
export function EventsPage() {
  const [search, setSearch] = useSearchParams();
  const [isPaused, setPaused] = useState(false);
  const types = search.get('types') ?? '';
  const { events, state } = useLatestEvents(types, isPaused);
  return (
    <Page
      title="Events"
      about="Everything that happens in the house, as it happens; the latest first."
      actions={
        <>
          <LiveBadge state={state} />
          <Button
            variant="default"
            leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => setPaused(!isPaused)}
          >
            {isPaused ? 'Go on' : 'Hold'}
          </Button>
        </>
      }
    >
      <Stack>
        <TextInput
          type="search"
          label="Which events"
          description="Names with * for one word and # for any number, separated by commas: image.*, project.changed"
          placeholder="all"
          maw={520}
          value={types}
          onChange={({ currentTarget: { value } }) =>
            setSearch(value === '' ? {} : { types: value }, { replace: true })
          }
        />
        {events.length === 0 ? <NothingHeard isPaused={isPaused} /> : <EventCards events={events} />}
      </Stack>
    </Page>
  );
}

/** What was heard since one came here; a change of `types` counts once it rests, and leaves what is shown. */
function useLatestEvents(types: string, isPaused: boolean) {
  const [events, setEvents] = useState<readonly LiveEvent[]>([]);
  const [asked] = useDebouncedValue(types, 400);
  const state = useEvents({
    types: asked === '' ? '#' : asked,
    names,
    isPaused,
    onEvent: (event) => setEvents((old) => [event, ...old].slice(0, maxShown)),
  });
  return { events, state };
}

function NothingHeard({ isPaused }: { readonly isPaused: boolean }) {
  return (
    <Empty title={isPaused ? 'Held' : 'Listening'} icon={IconBolt}>
      {isPaused
        ? 'Nothing is heard while it is held.'
        : 'Nothing has happened since you came here. Push an image, or change a project, and it appears.'}
    </Empty>
  );
}

function EventCards({ events }: { readonly events: readonly LiveEvent[] }) {
  return (
    <ol className="cards" aria-label="Events, the latest first">
      {events.map((event) => (
        <EventCard key={event.id} event={event} />
      ))}
    </ol>
  );
}

function EventCard({ event }: { readonly event: LiveEvent }) {
  return (
    <Paper component="li" p="sm">
      <Group justify="space-between" gap="xs">
        <Text component="span" fw={600}>
          {event.name}
        </Text>
        <Text component="span" fz="sm" c="dimmed">
          <When at={event.time} />
        </Text>
      </Group>
      {event.subject !== undefined && (
        <Text fz="sm" className="breakable">
          {event.subject}
        </Text>
      )}
      <details className="details">
        <summary>What it says</summary>
        <Code block className="prewrap">
          {JSON.stringify(event.data, null, 2)}
        </Code>
      </details>
    </Paper>
  );
}
