import { type Delivery, type DeliveryState, deliveryStates } from '#api';
import { subscriptionResource } from '#contracts';
import { Badge, Button, Code, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deliveriesQuery } from '../api/deliveries.js';
import { useMe } from '../api/session.js';
import { DataTable } from '../parts/data-table.js';
import { Empty } from '../parts/empty.js';
import { Paged } from '../parts/paged.js';
import { When } from '../parts/when.js';
import { mayOffer } from '../resources/rights.js';
import { DeliveryTestButton } from './delivery-test.js';
import { ReplayDelivery } from './replay-delivery.js';

/** What became of the events that a subscription asked for, and how to help one that did not arrive. */
export function Deliveries({ subscription }: { readonly subscription: string }) {
  const [state, setState] = useState<DeliveryState | ''>('');
  const mayChange = mayOffer(useMe(), subscriptionResource);
  const list = useInfiniteQuery(deliveriesQuery(subscription, state));
  return (
    <Stack component="section">
      <div>
        <Title order={2} fz={18}>
          Deliveries
        </Title>
        <Text fz="sm" c="dimmed">
          What was sent, and what is to be sent; the last first.
        </Text>
      </div>
      <Group justify="space-between" align="flex-end" gap="sm">
        <NativeSelect
          label="State"
          flex="0 1 200px"
          data={[{ value: '', label: 'all' }, ...deliveryStates]}
          value={state}
          onChange={({ currentTarget: { value } }) =>
            setState(deliveryStates.find((one) => one === value) ?? '')
          }
        />
        <Group gap="sm">
          <Button variant="default" onClick={() => void list.refetch()} loading={list.isRefetching}>
            Look again
          </Button>
          {mayChange && <DeliveryTestButton subscription={subscription} />}
        </Group>
      </Group>
      <Paged
        list={list}
        what="the deliveries"
        empty={
          <Empty title={state === '' ? 'Nothing was sent yet' : `No delivery is ${state}`}>
            An event comes here as soon as one is heard that this subscription wants.
          </Empty>
        }
      >
        {(rows) => (
          <DataTable
            caption={`Deliveries to ${subscription}`}
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
              { header: 'Event', cell: ({ event }) => <Which event={event} /> },
              { header: 'State', cell: (row) => <How delivery={row} /> },
              { header: 'Tries', cell: ({ attempts }) => attempts, isNumeric: true },
              { header: 'Last answer', cell: (row) => <LastAnswer delivery={row} /> },
              ...(mayChange
                ? [
                    {
                      header: 'Do',
                      cell: (row: Delivery) => <ReplayDelivery subscription={subscription} delivery={row} />,
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Paged>
    </Stack>
  );
}

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
