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
  type ValuesOf,
} from '#service';
import { z } from 'zod';

const seconds = (least: number) => integer({ min: least, max: 31_536_000 });

/** Everything that the monitor reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  ...copySettings,
  keyRing: keyRingSetting,
  schema: schemaSetting('status_monitor', 'monitor'),
  house: houseSetting,
  plugins: pluginsSetting,
  pollSeconds: setting({
    env: 'SLIPWAY_POLL_SECONDS',
    schema: seconds(1),
    default: '10',
    description: 'How often each batch system is asked for the state of its jobs, in seconds.',
  }),
  stallSeconds: setting({
    env: 'SLIPWAY_STALL_SECONDS',
    schema: seconds(1),
    default: '3600',
    description:
      'After how long without a sign of life a running attempt counts as stalled, in seconds: it is ended, and tried again where its job says so.',
  }),
  graceSeconds: setting({
    env: 'SLIPWAY_END_GRACE_SECONDS',
    schema: seconds(0),
    default: '60',
    description:
      "How long a job whose batch system says that it ended may take to say itself how it ended, in seconds; then the batch system's word counts.",
  }),
  cancelSeconds: setting({
    env: 'SLIPWAY_CANCEL_SECONDS',
    schema: seconds(1),
    default: '600',
    description:
      'How long an attempt that was asked to end may take to, in seconds; then it counts as ended, and nothing is taken from it any more.',
  }),
  vanishSeconds: setting({
    env: 'SLIPWAY_VANISH_SECONDS',
    schema: seconds(0),
    default: '60',
    description:
      'How long after its submission an attempt that the batch system does not know may still turn up, in seconds; then it is lost once three polls have missed it.',
  }),
  outputDirectory: setting({
    env: 'SLIPWAY_OUTPUT_DIRECTORY',
    schema: z.string().min(1),
    default: '/var/lib/slipway/outputs',
    description: 'Where the outputs of jobs are kept; a directory that all copies of the monitor share.',
  }),
  outputMib: setting({
    env: 'SLIPWAY_OUTPUT_MIB',
    schema: integer({ min: 1, max: 10_000_000 }),
    default: '4096',
    description:
      'How large the outputs of one attempt may be as they are sent, packed, in MiB; larger ones are refused.',
  }),
  logMib: setting({
    env: 'SLIPWAY_LOG_MIB',
    schema: integer({ min: 1, max: 1_000_000 }),
    default: '2048',
    description:
      'How much of the log of one attempt is kept, in MiB; what is beyond is cut, and the log says so.',
  }),
  retentionDays: setting({
    env: 'SLIPWAY_RETENTION_DAYS',
    schema: integer({ min: 1, max: 36_500 }),
    default: '365',
    description:
      'How long groups that are finished are kept with their jobs, in days at least: whole months go, once all of their groups are finished.',
  }),
});

/** The settings once they are read and checked; nothing else of the monitor reads the environment. */
export type MonitorConfig = ValuesOf<(typeof config)['settings']>;
