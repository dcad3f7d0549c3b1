import type { Delivery } from '#api';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { deliveriesKey, replayDelivery } from '../api/deliveries.js';
import { AskedButton } from '../parts/asked-button.js';
import { said } from '../parts/said.js';

/** The delivery as the list has it: the question names its event. */
export interface ReplayDeliveryProps {
  readonly subscription: string;
  readonly delivery: Delivery;
}

/** Sends an event to the receiver again, now. */
export function ReplayDelivery({ subscription, delivery: { id, event } }: ReplayDeliveryProps) {
  const queries = useQueryClient();
  const send = async (): Promise<void> => {
    await replayDelivery(subscription, id);
    await queries.invalidateQueries({ queryKey: deliveriesKey(subscription) });
    said(`${event.name} is on its way to ${subscription} again.`);
  };
  return (
    <AskedButton
      label="Replay"
      name={`Replay ${event.name} ${event.id}`}
      icon={<IconPlayerTrackNext size={15} />}
      isSmall
      title="Send this event again?"
      confirmLabel="Send it again"
      isDangerous={false}
      onConfirm={send}
    >
      {subscription} gets it now, under the same webhook-id, by which its receiver knows what it had before.
    </AskedButton>
  );
}
