import {
  amqpUrlSetting,
  defineConfig,
  postgresUrlSetting,
  processSettings,
  schemaSetting,
  setting,
  type ValuesOf,
} from '#service';
import { urlWith } from '#service';
import { accessSettings } from './access/settings.js';
import { credentialSettings } from './credentials/settings.js';
import { eventSettings } from './live/settings.js';
import { subscriptionSettings } from './subscriptions/settings.js';

/** Everything that the registry reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  schema: schemaSetting('registry', 'registry'),
  publicUrl: setting({
    env: 'SLIPWAY_PUBLIC_URL',
    schema: urlWith('http:', 'https:'),
    default: 'http://localhost:8080',
    description:
      'Address under which people reach the registry and its page, e.g. https://slipway.example.org; sign-in comes back to it.',
  }),
  monitorUrl: setting({
    env: 'SLIPWAY_MONITOR_URL',
    schema: urlWith('http:', 'https:').optional(),
    description:
      'Address of status-monitor, e.g. http://status-monitor:8080. What people ask about jobs is passed on to it; without it they are told that there is none.',
  }),
  ...accessSettings,
  ...credentialSettings,
  ...eventSettings,
  ...subscriptionSettings,
});

/** The settings once they are read and checked; nothing else of the registry reads the environment. */
export type RegistryConfig = ValuesOf<(typeof config)['settings']>;
