import { integer, setting } from '#service';
import { z } from 'zod';

const network = /^[0-9a-fA-F.:]+\/\d{1,3}$/;

/** Settings of the deliveries to subscriptions. */
export const subscriptionSettings = {
  subscriptionRetrySeconds: setting({
    env: 'SLIPWAY_SUBSCRIPTION_RETRY_SECONDS',
    schema: z
      .string()
      .regex(/^\d{1,6}(?:,\d{1,6})*$/, 'expected seconds, separated by commas')
      .transform((text) => text.split(',').map(Number)),
    default: '10,60,600,3600,3600,21600,43200',
    description:
      'Waits after each failed delivery of an event to a subscription, in seconds, separated by commas; after the last it is given up.',
  }),
  subscriptionSeconds: setting({
    env: 'SLIPWAY_SUBSCRIPTION_SECONDS',
    schema: integer({ min: 1, max: 60 }),
    default: '15',
    description: 'How long a subscription’s receiver may take to answer, in seconds.',
  }),
  subscriptionNetworks: setting({
    env: 'SLIPWAY_SUBSCRIPTION_NETWORKS',
    schema: z
      .string()
      .transform((text) => text.split(',').map((one) => one.trim()))
      .transform((all) => all.filter((one) => one !== ''))
      .refine((all) => all.every((one) => network.test(one)), 'expected networks such as 10.1.0.0/16'),
    default: '',
    description:
      'Networks that are not public and that subscriptions may send to all the same, e.g. 10.1.0.0/16,fd00::/8; unless named here, private, loopback and link-local addresses are refused.',
  }),
};
