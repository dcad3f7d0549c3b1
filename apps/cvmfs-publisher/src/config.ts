import { copySettings } from '#registry-copy';
import {
  amqpUrlSetting,
  defineConfig,
  integer,
  postgresUrlSetting,
  processSettings,
  schemaSetting,
  setting,
  type ValuesOf,
} from '#service';
import { z } from 'zod';

/** Everything that the publisher reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  ...copySettings,
  schema: schemaSetting('cvmfs_publisher', 'publisher'),
  cacheDirectory: setting({
    env: 'SLIPWAY_CACHE_DIRECTORY',
    schema: z.string().min(1),
    default: '/var/cache/slipway',
    description: 'Where layers and their indexes are kept for the next image. Losing it costs time only.',
  }),
  cacheGib: setting({
    env: 'SLIPWAY_CACHE_GIB',
    schema: integer({ min: 1, max: 1_000_000 }),
    default: '50',
    description: 'Size up to which layers are kept, in GiB; the least recently used go first.',
  }),
  parallelImages: setting({
    env: 'SLIPWAY_PARALLEL_IMAGES',
    schema: integer({ min: 1, max: 64 }),
    default: '4',
    description: 'Images of one CVMFS repository that are fetched and unpacked at once.',
  }),
  cleanUpSeconds: setting({
    env: 'SLIPWAY_CLEAN_UP_SECONDS',
    schema: integer({ min: 1, max: 86_400 }),
    default: '60',
    description: 'How often trees that no tag names any more are looked for, in seconds.',
  }),
  retrySeconds: setting({
    env: 'SLIPWAY_RETRY_SECONDS',
    schema: z
      .string()
      .regex(/^\d{1,6}(?:,\d{1,6})*$/, 'expected seconds, separated by commas')
      .transform((text) => text.split(',').map(Number)),
    default: '10,30,60,300,900,3600,3600',
    description:
      'Waits after each failed attempt at a publication, in seconds, separated by commas; after the last it has failed.',
  }),
  dockerHost: setting({
    env: 'DOCKER_HOST',
    schema: z.string().min(1).optional(),
    description:
      'Docker engine for image rules with imageSource docker, e.g. unix:///var/run/docker.sock (the default).',
  }),
});

/** The settings once they are read and checked; nothing else of the publisher reads the environment. */
export type PublisherConfig = ValuesOf<(typeof config)['settings']>;
