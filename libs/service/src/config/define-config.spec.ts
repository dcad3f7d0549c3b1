import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { amqpUrlSetting, defineConfig, flag, integer, setting } from '#service';

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
      'SLIPWAY_AMQP_URL: expected a URL that starts with amqp:// or amqps://',
    ]);
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
