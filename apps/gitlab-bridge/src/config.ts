import { copySettings } from '#registry-copy';
import {
  amqpUrlSetting,
  defineConfig,
  flag,
  integer,
  keyRingSetting,
  postgresUrlSetting,
  processSettings,
  schemaSetting,
  setting,
  urlWith,
  type ValuesOf,
} from '#service';
import { z } from 'zod';

const milliseconds = (env: string, of: string, description: string) =>
  setting({ env, schema: integer({ min: 10, max: 3_600_000 }), default: of, description });

/** Everything that the bridge reads from its environment. */
export const config = defineConfig({
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  postgresUrl: postgresUrlSetting,
  ...copySettings,
  keyRing: keyRingSetting,
  schema: schemaSetting('gitlab_bridge', 'bridge'),
  house: setting({
    env: 'SLIPWAY_HOUSE',
    schema: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected lower-case letters, digits and "-"'),
    default: 'slipway',
    description:
      'Name of this Slipway. GitLab knows all copies of the bridge as one machine, whose id is made of it.',
  }),
  monitorUrl: setting({
    env: 'SLIPWAY_MONITOR_URL',
    schema: urlWith('http:', 'https:'),
    default: 'http://localhost:8080',
    description: 'Address of status-monitor: logs and outputs of grid jobs are fetched there.',
  }),
  registryUrl: setting({
    env: 'SLIPWAY_REGISTRY_URL',
    schema: urlWith('http:', 'https:').optional(),
    description:
      'Address of the registry, which tells at the start what was published on CVMFS before the bridge was there. Absent: only what is published from then on is known.',
  }),
  consoleUrl: setting({
    env: 'SLIPWAY_CONSOLE_URL',
    schema: urlWith('http:', 'https:').optional(),
    description:
      'Address of the page as people type it, e.g. https://slipway.example.org: traces and commit statuses link to it. Absent: no links.',
  }),
  gitlabCaFile: setting({
    env: 'SLIPWAY_GITLAB_CA_FILE',
    schema: z.string().min(1).optional(),
    description:
      "File with the certificates (PEM) that jobs check GitLab's by, where worker nodes do not know them; it goes with each job, as CI_SERVER_TLS_CA_FILE. The bridge itself needs them in NODE_EXTRA_CA_CERTS.",
  }),
  askMs: milliseconds(
    'SLIPWAY_ASK_MS',
    '3000',
    'How often each runner asks GitLab for a job, in milliseconds; at once after it got one.',
  ),
  keepAliveMs: milliseconds(
    'SLIPWAY_KEEP_ALIVE_MS',
    '30000',
    'After how many milliseconds without a word GitLab is told that a job goes on.',
  ),
  traceMs: milliseconds(
    'SLIPWAY_TRACE_MS',
    '3000',
    'How often the trace of a job is sent until GitLab says how often it wants it, in milliseconds.',
  ),
  retryMs: milliseconds(
    'SLIPWAY_LONGEST_RETRY_MS',
    '30000',
    'How long a GitLab that does not answer is left alone at most, in milliseconds; the first time it is 100 ms, doubled each time.',
  ),
  traceLimit: setting({
    env: 'SLIPWAY_TRACE_LIMIT',
    schema: integer({ min: 1_024, max: 2 ** 30 }),
    default: String(4 * 2 ** 20),
    description: 'Bytes of a trace that GitLab is sent at most; then one line says where the rest is.',
  }),
  leaseSeconds: setting({
    env: 'SLIPWAY_LEASE_SECONDS',
    schema: integer({ min: 1, max: 3_600 }),
    default: '15',
    description:
      'After how many seconds without a sign of life from the copy that looks after a CI job another one takes it over.',
  }),
  giveUpSeconds: setting({
    env: 'SLIPWAY_GIVE_UP_SECONDS',
    schema: integer({ min: 1, max: 31_536_000 }),
    default: '86400',
    description: 'For how many seconds the end of a job is told to a GitLab that does not take it.',
  }),
  statusPauseMs: milliseconds(
    'SLIPWAY_STATUS_PAUSE_MS',
    '2000',
    'How long a commit status that is no end waits for the next one, in milliseconds, so that what changes quickly is told once.',
  ),
  idTokenAudience: setting({
    env: 'SLIPWAY_ID_TOKEN_AUDIENCE',
    schema: z.string().min(1).max(1_024).optional(),
    description:
      'What the ID tokens of CI jobs (id_tokens: SLIPWAY_ID_TOKEN, aud) have to be made for. Absent: none are taken.',
  }),
  requiresIdToken: setting({
    env: 'SLIPWAY_REQUIRE_ID_TOKEN',
    schema: flag(),
    default: 'off',
    description:
      'Whether every CI job needs an ID token: on or off. When off, GitLab is asked who started a job.',
  }),
  keepDays: setting({
    env: 'SLIPWAY_KEEP_DAYS',
    schema: integer({ min: 1, max: 3_650 }),
    default: '30',
    description:
      'How many days the bridge remembers a CI job after its end, without its secrets and its trace.',
  }),
});

/** The settings once they are read and checked; nothing else of the bridge reads the environment. */
export type BridgeConfig = ValuesOf<(typeof config)['settings']>;
