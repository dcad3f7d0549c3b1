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

/** Everything that the submitter reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  slipwayFile: slipwayFileSetting,
  ...copySettings,
  schema: setting({
    env: 'SLIPWAY_POSTGRES_SCHEMA',
    schema: z.string().regex(/^[a-z_][a-z0-9_]*$/),
    default: 'grid_submitter',
    description: 'Schema of the submitter in the database; made when absent.',
  }),
});

export type SubmitterConfig = ValuesOf<(typeof config)['settings']>;
