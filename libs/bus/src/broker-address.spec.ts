import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus } from './bus.js';
import { brokerUrls } from './dead-letters/config.js';
import { silentLogger } from './options.js';
import { setUpConfig } from './set-up/config.js';

const expected =
  'expected a URL that starts with amqp:// or amqps:// and names a host, as amqp://user:password@host:5672/vhost';
const good = 'amqp://me:hunter2@broker/';

describe.each([
  'amqp:/x',
  'amqp:x',
  'amqp:///x',
  'amqp:/me:hunter2@broker/x',
  'http://broker',
  'broker:5672',
])('a broker’s address without a host, or of another kind: %s', (bad) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-address-'));
  const bogus = join(directory, 'bogus');
  const fine = join(directory, 'fine');
  const services = join(directory, 'services');
  const ofShop = join(services, 'shop', 'amqp-url');
  beforeAll(() => {
    mkdirSync(join(services, 'shop'), { recursive: true });
    writeFileSync(bogus, `${bad}\n`);
    writeFileSync(fine, `${good}\n`);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is refused by a bus before it connects', () => {
    expect(() => connectBus({ url: bad, service: 'shop', logger: silentLogger })).toThrow(
      expect.objectContaining({ code: 'bus.bad_url', message: `the broker’s address: ${expected}` }),
    );
  });

  it('is refused by dead-letters by the name of its variable', () => {
    const said = (name: string) =>
      expect.objectContaining({ code: 'settings.invalid', message: `${name}: ${expected}` });
    expect(() => brokerUrls({ SLIPWAY_AMQP_URL: `${good}, ${bad}` })).toThrow(said('SLIPWAY_AMQP_URL'));
    expect(() => brokerUrls({ SLIPWAY_AMQP_URL_FILE: bogus })).toThrow(said('SLIPWAY_AMQP_URL_FILE'));
    expect(brokerUrls({ SLIPWAY_AMQP_URL_FILE: fine })).toEqual([good]);
  });

  it('is refused when users are made, by the variable or the file that holds it', () => {
    const environment = {
      SLIPWAY_AMQP_URL_FILE: fine,
      SLIPWAY_AMQP_MANAGEMENT_URL: 'http://broker:15672',
      SLIPWAY_SERVICES_DIRECTORY: services,
    };
    writeFileSync(ofShop, good);
    expect(setUpConfig(environment)).toMatchObject({ url: good, services: { shop: good } });
    expect(() => setUpConfig({ ...environment, SLIPWAY_AMQP_URL_FILE: bogus })).toThrow(
      `SLIPWAY_AMQP_URL_FILE: ${expected}`,
    );
    writeFileSync(ofShop, bad);
    expect(() => setUpConfig(environment)).toThrow(`${ofShop}: ${expected}`);
  });
});
