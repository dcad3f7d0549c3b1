import { duration } from '#contracts';
import { setting } from '#service';
import { z } from 'zod';
import { networkOf, type Network } from '../clients/address-guard.js';

const networks = z.string().transform((text, context): readonly Network[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const network = networkOf(entry);
      if (network) return [network];
      context.addIssue({ code: 'custom', message: 'expected networks such as 10.1.0.0/16 or fd00:1::/64' });
      return [];
    }),
);

/** How events get to subscriptions. */
export const subscriptionSettings = {
  subscriptionNetworks: setting({
    env: 'SLIPWAY_SUBSCRIPTION_NETWORKS',
    schema: networks,
    default: '',
    description:
      'Networks that subscriptions may send to though they are not of the public internet, e.g. 10.1.0.0/16,fd00:1::/64. Empty: to none of those.',
  }),
  subscriptionTimeout: setting({
    env: 'SLIPWAY_SUBSCRIPTION_TIMEOUT',
    schema: duration.refine((value) => value >= 100 && value <= 60_000, 'expected 100ms to 1m'),
    default: '15s',
    description: "How long a subscription's receiver has to answer.",
  }),
  subscriptionRetention: setting({
    env: 'SLIPWAY_SUBSCRIPTION_RETENTION',
    schema: duration,
    default: '7d',
    description: 'How long deliveries to subscriptions are kept after they are done or given up.',
  }),
} as const;
