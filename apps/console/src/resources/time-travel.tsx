import { Alert, Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { IconClockHour4 } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { When } from '../parts/when.js';

/** The time that the address asks for, RFC 3339; undefined: now. */
export function useAt(): string | undefined {
  const [search] = useSearchParams();
  const at = search.get('at');
  return at !== null && !Number.isNaN(Date.parse(at)) ? new Date(at).toISOString() : undefined;
}

/** Chooses a time to look back to; it stands in the address, so that it can be sent to somebody. */
export function TimeTravel() {
  const [, setSearch] = useSearchParams();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const go = (): void => {
    setOpen(false);
    setSearch((search) => {
      search.set('at', new Date(text).toISOString());
      return search;
    });
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus withRoles={false}>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconClockHour4 size={16} />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Look back
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            go();
          }}
        >
          <Stack gap="sm">
            <TextInput
              type="datetime-local"
              label="As it was at"
              description="Nothing is overwritten: every state there was can be seen."
              required
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Button type="submit" disabled={text === ''}>
              Show
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Stands above what is shown as it was, for it looks like the present. */
export function PastNotice() {
  const at = useAt();
  const [, setSearch] = useSearchParams();
  if (at === undefined) return null;
  return (
    <Alert color="blue" mb="md" icon={<IconClockHour4 />} title="You are looking back" role="status">
      <Group justify="space-between">
        <span>
          This is how it was at <When at={at} />. It cannot be changed.
        </span>
        <Button
          size="xs"
          variant="default"
          onClick={() =>
            setSearch((search) => {
              search.delete('at');
              return search;
            })
          }
        >
          Back to now
        </Button>
      </Group>
    </Alert>
  );
}
