import type { Delivery } from '#api';
import { Button } from '@mantine/core';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { deliveriesKey, replayDelivery } from '../api/deliveries.js';
import { Confirm } from '../parts/confirm.js';
import { said } from '../parts/said.js';

/** The delivery as the list has it: the question names its event. */
export interface ReplayDeliveryProps {
  readonly subscription: string;
  readonly delivery: Delivery;
}

/** Sends an event to the receiver again, now. */
export function ReplayDelivery({ subscription, delivery: { id, event } }: ReplayDeliveryProps) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPlayerTrackNext size={15} />}
        aria-label={`Replay ${event.name} ${event.id}`}
        onClick={() => setOpen(true)}
      >
        Replay
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Send this event again?"
        confirmLabel="Send it again"
        isDangerous={false}
        onConfirm={async () => {
          await replayDelivery(subscription, id);
          await queries.invalidateQueries({ queryKey: deliveriesKey(subscription) });
          said(`${event.name} is on its way to ${subscription} again.`);
        }}
      >
        {subscription} gets it now, under the same webhook-id, by which its receiver knows what it had before.
      </Confirm>
    </>
  );
}
