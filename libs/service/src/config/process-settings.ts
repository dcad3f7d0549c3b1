import { z } from 'zod';
import { integer, urlsWith, urlWith } from './setting-types.js';
import { setting } from './setting.js';

/** What every service has. Spread it into `defineConfig({ ...processSettings, … })`. */
export const processSettings = {
  httpHost: setting({
    env: 'SLIPWAY_HTTP_HOST',
    schema: z.string().min(1),
    default: '0.0.0.0',
    description: 'Address that the HTTP server listens on.',
  }),
  httpPort: setting({
    env: 'SLIPWAY_HTTP_PORT',
    schema: integer({ min: 0, max: 65_535 }),
    default: '8080',
    description: 'Port that the HTTP server listens on; 0 takes a free one, which the log names.',
  }),
  logLevel: setting({
    env: 'SLIPWAY_LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    description: 'The least severe level that is logged: trace, debug, info, warn, error, fatal or silent.',
  }),
  shutdownSeconds: setting({
    env: 'SLIPWAY_SHUTDOWN_SECONDS',
    schema: integer({ min: 1, max: 3_600 }),
    default: '28',
    description:
      'How long work in progress may take to finish after SIGTERM before the process exits, in seconds; less than what the supervisor allows before it kills.',
  }),
} as const;

/** RabbitMQ's addresses: one, or those of a cluster's nodes. */
export const amqpUrlSetting = setting({
  env: 'SLIPWAY_AMQP_URL',
  schema: urlsWith('amqp:', 'amqps:'),
  secret: true,
  description:
    'RabbitMQ, as amqp[s]://user:password@host:port/vhost; several nodes of a cluster separated by commas.',
});

/** PostgreSQL's address. */
export const postgresUrlSetting = setting({
  env: 'SLIPWAY_POSTGRES_URL',
  schema: urlWith('postgres:', 'postgresql:'),
  secret: true,
  description: 'PostgreSQL, as postgres://user:password@host:port/database.',
});

/** Which schema of the database is the service's own. `service`: as people call it, e.g. `bridge`. */
export const schemaSetting = (schema: string, service: string) =>
  setting({
    env: 'SLIPWAY_POSTGRES_SCHEMA',
    schema: z.string().regex(/^[a-z_][a-z0-9_]*$/),
    default: schema,
    description: `Schema of the ${service} in the database; made when absent.`,
  });

/** Where slipway.yml is. */
export const slipwayFileSetting = setting({
  env: 'SLIPWAY_CONFIG',
  schema: z.string().min(1),
  default: 'slipway.yml',
  description: 'Path of slipway.yml; every service reads its own part of it.',
});

/** The keys that seal secrets: the same ones in the registry and in every service that uses a credential. */
export const keyRingSetting = setting({
  env: 'SLIPWAY_KEY_RING',
  schema: z
    .string()
    .regex(
      /^\s*[a-z0-9-]+:[A-Za-z0-9+/_=-]+(?:[\s,]+[a-z0-9-]+:[A-Za-z0-9+/_=-]+)*[\s,]*$/,
      'expected <id>:<base64 of 32 bytes>, several separated by commas',
    ),
  secret: true,
  description:
    'Keys that seal secrets, as <id>:<base64 of 32 bytes>[,<id>:…]; the first one seals, all of them open. `openssl rand -base64 32` makes one.',
});

/** Which Slipway this is to the batch systems. */
export const houseSetting = setting({
  env: 'SLIPWAY_HOUSE',
  schema: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected lower-case letters, digits and "-"'),
  default: 'slipway',
  description:
    'Name of this Slipway in the batch systems: several may use one, and each sees its own jobs only. The same in submitter and monitor.',
});

/** What further kinds of batch system come from. */
export const pluginsSetting = setting({
  env: 'SLIPWAY_PLUGINS',
  schema: z.string().transform((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ),
  default: '',
  description:
    'Packages from npm, or absolute paths, that bring further kinds of batch system; separated by commas.',
});
