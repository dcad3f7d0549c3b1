import { type DeliveryState, deliveryStates } from '#api';
import { subscriptionResource } from '#contracts';
import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deliveriesQuery } from '../api/deliveries.js';
import { useMe } from '../api/session.js';
import { Empty } from '../parts/empty.js';
import { Paged } from '../parts/paged.js';
import { mayOffer } from '../resources/rights.js';
import { DeliveryTable } from './delivery-table.js';
import { DeliveryTestButton } from './delivery-test.js';

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
        {(rows) => <DeliveryTable subscription={subscription} deliveries={rows} mayReplay={mayChange} />}
      </Paged>
    </Stack>
  );
}
