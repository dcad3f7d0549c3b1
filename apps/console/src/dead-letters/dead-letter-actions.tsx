import type { DeadLetter } from '#api';
import { Button, Group } from '@mantine/core';
import { IconPlayerTrackNext, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { drop, replay } from '../api/dead-letters.js';
import { useMe } from '../api/session.js';
import { Confirm } from '../parts/confirm.js';
import { said } from '../parts/said.js';

/** `onDone` comes before lists are read anew, so that a page of the letter alone can be left first. */
export interface DeadLetterActionsProps {
  readonly letter: Pick<DeadLetter, 'queue' | 'id'>;
  readonly isSmall?: boolean;
  readonly onDone?: () => void;
}

/** Replay or drop, each asked about first. */
export function DeadLetterActions({
  letter: { queue, id },
  isSmall = false,
  onDone,
}: DeadLetterActionsProps) {
  const queries = useQueryClient();
  const [asks, setAsks] = useState<'replay' | 'drop'>();
  if (useMe()?.role !== 'admin') return null;
  const size = isSmall ? 'compact-sm' : 'sm';
  const done = async (words: string): Promise<void> => {
    said(words);
    onDone?.();
    await queries.invalidateQueries({ queryKey: ['dead-letters', 'list'] });
  };
  return (
    <Group gap={6}>
      <Button
        size={size}
        variant="default"
        leftSection={<IconPlayerTrackNext size={15} />}
        aria-label={`Replay ${id}`}
        onClick={() => setAsks('replay')}
      >
        Replay
      </Button>
      <Button
        size={size}
        variant="default"
        leftSection={<IconTrash size={15} />}
        aria-label={`Drop ${id}`}
        onClick={() => setAsks('drop')}
      >
        Drop
      </Button>
      <Confirm
        isOpen={asks === 'replay'}
        onClose={() => setAsks(undefined)}
        title="Replay this message?"
        confirmLabel="Replay it"
        isDangerous={false}
        onConfirm={async () => {
          await replay(queue, id);
          await done('It is on its way again.');
        }}
      >
        It goes to {queue} again. If what made it fail is still so, it comes back here.
      </Confirm>
      <Confirm
        isOpen={asks === 'drop'}
        onClose={() => setAsks(undefined)}
        title="Drop this message?"
        confirmLabel="Drop it"
        onConfirm={async () => {
          await drop(queue, id);
          await done('It is gone.');
        }}
      >
        It is gone for good, and nobody will act on it.
      </Confirm>
    </Group>
  );
}
