import type { Delivery, DeliveryState } from '#api';
import { Badge, Code, Text } from '@mantine/core';
import { type Column, DataTable } from '../parts/data-table.js';
import { When } from '../parts/when.js';
import { ReplayDelivery } from './replay-delivery.js';

/** Deliveries of one subscription, in their order. */
export interface DeliveryTableProps {
  readonly subscription: string;
  readonly deliveries: readonly Delivery[];
  /** Whether who looks may have one sent again. */
  readonly mayReplay: boolean;
}

/** What was sent, how often it was tried, what the receiver answered, and the way to send it again. */
export function DeliveryTable({ subscription, deliveries, mayReplay }: DeliveryTableProps) {
  const replay: Column<Delivery> = {
    header: 'Do',
    cell: (row) => <ReplayDelivery subscription={subscription} delivery={row} />,
  };
  return (
    <DataTable
      caption={`Deliveries to ${subscription}`}
      rows={deliveries}
      keyOf={({ id }) => id}
      columns={mayReplay ? [...columns, replay] : columns}
    />
  );
}

const columns: readonly Column<Delivery>[] = [
  { header: 'Event', cell: ({ event }) => <Which event={event} /> },
  { header: 'State', cell: (row) => <How delivery={row} /> },
  { header: 'Tries', cell: ({ attempts }) => attempts, isNumeric: true },
  { header: 'Last answer', cell: (row) => <LastAnswer delivery={row} /> },
];

function Which({ event }: Pick<Delivery, 'event'>) {
  return (
    <>
      <Text fz="sm" fw={600}>
        {event.name}
      </Text>
      <Text fz="xs" c="dimmed">
        <When at={event.time} isRelative /> · <Code fz="xs">{event.id}</Code>
      </Text>
    </>
  );
}

const colors: Readonly<Record<DeliveryState, string>> = {
  waiting: 'gray',
  delivered: 'green',
  failed: 'red',
};

function How({ delivery: { state, nextAttemptAt } }: { readonly delivery: Delivery }) {
  return (
    <>
      <Badge color={colors[state]}>{state}</Badge>
      {nextAttemptAt !== undefined && (
        <Text fz="xs" c="dimmed" mt={4}>
          next try <When at={nextAttemptAt} isRelative />
        </Text>
      )}
    </>
  );
}

function LastAnswer({ delivery: { lastAnswer } }: { readonly delivery: Delivery }) {
  if (lastAnswer === undefined)
    return (
      <Text component="span" c="dimmed" fz="sm">
        not yet
      </Text>
    );
  const { at, status, reason, milliseconds } = lastAnswer;
  return (
    <>
      <Text fz="sm">{reason ?? status}</Text>
      <Text fz="xs" c="dimmed">
        <When at={at} isRelative />, after {milliseconds} ms
      </Text>
    </>
  );
}
