import { copySettings } from '#registry-copy';
import {
  amqpUrlSetting,
  defineConfig,
  houseSetting,
  integer,
  keyRingSetting,
  pluginsSetting,
  postgresUrlSetting,
  processSettings,
  schemaSetting,
  setting,
  urlWith,
  type ValuesOf,
} from '#service';
import { z } from 'zod';

/** Everything that the submitter reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  ...copySettings,
  keyRing: keyRingSetting,
  schema: schemaSetting('grid_submitter', 'submitter'),
  house: houseSetting,
  monitorUrl: setting({
    env: 'SLIPWAY_MONITOR_URL',
    schema: urlWith('http:', 'https:'),
    default: 'http://localhost:8080',
    description: 'Under which address worker nodes reach the monitor.',
  }),
  monitorCaFile: setting({
    env: 'SLIPWAY_MONITOR_CA_FILE',
    schema: z.string().min(1).optional(),
    description:
      "File with the certificates (PEM) that jobs check the monitor's by, where worker nodes do not know them; it goes with each job.",
  }),
  plugins: pluginsSetting,
  parallelSubmissions: setting({
    env: 'SLIPWAY_PARALLEL_SUBMISSIONS',
    schema: integer({ min: 1, max: 64 }),
    default: '4',
    description: 'Submissions to one batch system that one copy of the submitter has under way at once.',
  }),
  leaseSeconds: setting({
    env: 'SLIPWAY_LEASE_SECONDS',
    schema: integer({ min: 1, max: 3_600 }),
    default: '30',
    description:
      'After how many seconds without a sign of life a submission counts as cut off, and another copy looks in the batch system what became of it.',
  }),
  longestBackOffSeconds: setting({
    env: 'SLIPWAY_LONGEST_BACK_OFF_SECONDS',
    schema: integer({ min: 1, max: 3_600 }),
    default: '120',
    description:
      'How long a batch system that does not answer is left alone at most, in seconds; the first time it is 1 s, doubled each time.',
  }),
  cancelAgainSeconds: setting({
    env: 'SLIPWAY_CANCEL_AGAIN_SECONDS',
    schema: integer({ min: 1, max: 600 }),
    default: '30',
    description:
      'After how many seconds a batch system that was asked to end a job is asked again, unless the job has ended; doubled each time, up to ten minutes.',
  }),
  keepDays: setting({
    env: 'SLIPWAY_KEEP_DAYS',
    schema: integer({ min: 1, max: 3_650 }),
    default: '30',
    description: 'How many days the submitter remembers a group after the last of its attempts has ended.',
  }),
});

/** The settings once they are read and checked; nothing else of the submitter reads the environment. */
export type SubmitterConfig = ValuesOf<(typeof config)['settings']>;
