import type { DeadLetter } from '#api';
import { Group } from '@mantine/core';
import { IconPlayerTrackNext, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { drop, replay } from '../api/dead-letters.js';
import { useMe } from '../api/session.js';
import { AskedButton } from '../parts/asked-button.js';
import { said } from '../parts/said.js';

/** `onDone` comes before lists are read anew, so that a page of the letter alone can be left first. */
export interface DeadLetterActionsProps {
  readonly letter: Pick<DeadLetter, 'queue' | 'id'>;
  readonly isSmall?: boolean;
  readonly onDone?: () => void;
}

/** Replay or drop, each asked about first. */
export function DeadLetterActions({ letter, isSmall = false, onDone }: DeadLetterActionsProps) {
  const queries = useQueryClient();
  if (useMe()?.role !== 'admin') return null;
  const { queue, id } = letter;
  const done = async (words: string): Promise<void> => {
    said(words);
    onDone?.();
    await queries.invalidateQueries({ queryKey: ['dead-letters', 'list'] });
  };
  return (
    <Group gap={6}>
      <AskedButton
        label="Replay"
        name={`Replay ${id}`}
        icon={<IconPlayerTrackNext size={15} />}
        isSmall={isSmall}
        title="Replay this message?"
        confirmLabel="Replay it"
        isDangerous={false}
        onConfirm={async () => {
          await replay(queue, id);
          await done('It is on its way again.');
        }}
      >
        It goes to {queue} again. If what made it fail is still so, it comes back here.
      </AskedButton>
      <AskedButton
        label="Drop"
        name={`Drop ${id}`}
        icon={<IconTrash size={15} />}
        isSmall={isSmall}
        title="Drop this message?"
        confirmLabel="Drop it"
        onConfirm={async () => {
          await drop(queue, id);
          await done('It is gone.');
        }}
      >
        It is gone for good, and nobody will act on it.
      </AskedButton>
    </Group>
  );
}
