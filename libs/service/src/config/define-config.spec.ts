import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  amqpUrlSetting,
  defineConfig,
  flag,
  integer,
  postgresUrlSetting,
  setting,
  urlsWith,
  urlWith,
} from '#service';

const config = defineConfig({
  broker: amqpUrlSetting,
  copies: setting({
    env: 'COPIES',
    schema: integer({ min: 1, max: 9 }),
    default: '2',
    description: 'How many copies.',
  }),
  eager: setting({ env: 'EAGER', schema: flag(), default: 'no', description: 'Whether to hurry.' }),
  note: setting({ env: 'NOTE', schema: z.string().optional(), description: 'Anything.' }),
});
const broker = 'amqp://me:hunter2hunter2@broker/';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    config.read(environment);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('a configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-config-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is read once, with defaults, and frozen', () => {
    const values = config.read({ SLIPWAY_AMQP_URL: broker, EAGER: 'yes' });
    expect(values).toEqual({ broker: [broker], copies: 2, eager: true, note: undefined });
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(config.read({ SLIPWAY_AMQP_URL: broker, COPIES: '', NOTE: ' ' })).toMatchObject({ copies: 2 });
  });

  it('takes a secret from a file', () => {
    const path = join(directory, 'url');
    writeFileSync(path, `${broker}\n`);
    expect(config.read({ SLIPWAY_AMQP_URL_FILE: path }).broker).toEqual([broker]);
  });

  it('knows which of its values are secret', () => {
    const other = 'amqp://me:hunter3hunter3@other/';
    const values = config.read({ SLIPWAY_AMQP_URL: `${broker}, ${other}` });
    expect(config.secretsOf(values)).toEqual([broker, other]);
  });

  it('tells all its faults at once', () => {
    expect(faultsOf({ COPIES: '12', EAGER: 'perhaps' })).toEqual([
      'SLIPWAY_AMQP_URL: is not set (or SLIPWAY_AMQP_URL_FILE): RabbitMQ, as amqp[s]://user:password@host:port/vhost; several nodes of a cluster separated by commas.',
      'COPIES: expected a whole number from 1 to 9, got "12"',
      'EAGER: expected true or false, got "perhaps"',
    ]);
  });

  it('does not repeat a secret that is at fault', () => {
    expect(faultsOf({ SLIPWAY_AMQP_URL: 'http://me:hunter2@broker' })).toEqual([
      'SLIPWAY_AMQP_URL: expected a URL that starts with amqp:// or amqps:// and names a host, as amqp://user:password@host:5672/vhost',
    ]);
  });

  it.each(['amqp:/x', 'amqp:x', 'amqp:///x', 'amqp://?heartbeat=5', 'localhost:5672', `${broker},amqp:/x`])(
    'refuses a broker without a host: %s',
    (address) => {
      expect(faultsOf({ SLIPWAY_AMQP_URL: address })).toEqual([
        'SLIPWAY_AMQP_URL: expected a URL that starts with amqp:// or amqps:// and names a host, as amqp://user:password@host:5672/vhost',
      ]);
    },
  );

  it('refuses a database without a host, and takes the directory of a socket for one', () => {
    const database = defineConfig({ postgres: postgresUrlSetting });
    for (const address of ['postgres:/x', 'postgres:x', 'postgresql:///x', 'postgres:///x?host='])
      expect(() => database.read({ SLIPWAY_POSTGRES_URL: address })).toThrow(
        'SLIPWAY_POSTGRES_URL: expected a URL that starts with postgres:// or postgresql:// and names a host, as postgres://user:password@host:5432/database',
      );
    for (const address of ['postgres://db/x', 'postgresql://me@[::1]:5432/x', 'postgres:///x?host=/run/pg'])
      expect(database.read({ SLIPWAY_POSTGRES_URL: address })).toEqual({ postgres: address });
  });

  it('refuses a web address whose host a browser would only guess', () => {
    for (const address of ['http:/x', 'http:x', 'http:///x', 'https:\\\\x', 'ftp://x'])
      expect(urlWith('http:', 'https:').safeParse(address).error?.issues[0]?.message).toBe(
        'expected a URL that starts with http:// or https:// and names a host, as http://host:8080',
      );
    expect(urlsWith('http:', 'https:').parse('http://a, HTTPS://b/c')).toEqual(['http://a', 'HTTPS://b/c']);
  });

  it('refuses a secret that is set twice, and a file that cannot be read', () => {
    expect(faultsOf({ SLIPWAY_AMQP_URL: broker, SLIPWAY_AMQP_URL_FILE: '/x' })).toEqual([
      'SLIPWAY_AMQP_URL_FILE: is set beside SLIPWAY_AMQP_URL; set one of them',
    ]);
    expect(faultsOf({ SLIPWAY_AMQP_URL_FILE: '/nowhere/x' })).toEqual([
      'SLIPWAY_AMQP_URL_FILE: cannot read /nowhere/x: ENOENT',
    ]);
  });
});
