import type { Delivery, DeliveryState, DeliveryTest, Page } from '#api';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from './request.js';

const addressOf = (subscription: string): string =>
  `/api/v1/subscriptions/${encodeURIComponent(subscription)}`;

/** What is shown of a subscription's deliveries: what sending one again makes stale. */
export const deliveriesKey = (subscription: string) => ['deliveries', subscription] as const;

/** While something waits, what is shown is read anew so often, in milliseconds: nobody tells of a delivery. */
const whileWaitingMs = 3_000;

/** `GET /api/v1/subscriptions/{name}/deliveries`, the latest first; of every state where `state` is empty. */
export const deliveriesQuery = (subscription: string, state: DeliveryState | '') =>
  infiniteQueryOptions({
    queryKey: [...deliveriesKey(subscription), state],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { state, cursor: pageParam };
      return (await request<Page<Delivery>>(`${addressOf(subscription)}/deliveries`, { query, signal }))
        .value;
    },
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some((one) => one.state === 'waiting')) ? whileWaitingMs : false,
  });

/** Has one sent again under its webhook-id, whatever became of it; refused while it is being sent. */
export const replayDelivery = (subscription: string, id: string) =>
  request<Delivery>(`${addressOf(subscription)}/deliveries/${id}/replay`, { method: 'POST' });

/** Has a test event sent now, and resolves with what the receiver answered; that it refused is no error. */
export const sendTest = async (subscription: string): Promise<DeliveryTest> =>
  (await request<DeliveryTest>(`${addressOf(subscription)}/test`, { method: 'POST' })).value;
