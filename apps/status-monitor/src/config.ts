import { copySettings } from '#registry-copy';
import {
  amqpUrlSetting,
  defineConfig,
  postgresUrlSetting,
  processSettings,
  setting,
  slipwayFileSetting,
  type ValuesOf,
} from '#service';
import { z } from 'zod';

/** Everything that the monitor reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  slipwayFile: slipwayFileSetting,
  ...copySettings,
  schema: setting({
    env: 'SLIPWAY_POSTGRES_SCHEMA',
    schema: z.string().regex(/^[a-z_][a-z0-9_]*$/),
    default: 'status_monitor',
    description: 'Schema of the monitor in the database; made when absent.',
  }),
});

export type MonitorConfig = ValuesOf<(typeof config)['settings']>;
