import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { futureTime, pastTime } from '../times.js';
import { readEnvironment } from './config.js';
import { serverAddress, serverUrl } from './server-address.js';
import { readServers, writeServers } from './server-store.js';

describe('where the registry is', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-settings-'));
  const inside = join(directory, 'slipway');
  afterAll(() => rmSync(directory, { recursive: true }));
  const stored = {
    current: 'https://a.org',
    servers: { 'https://a.org': { token: 'stored', name: 'jane' } },
  };
  const address = (environment: NodeJS.ProcessEnv, url?: string) =>
    serverAddress({ environment: readEnvironment({ XDG_CONFIG_HOME: directory, ...environment }), url });
  beforeEach(() => writeServers(inside, stored));

  it('is kept in a file that nobody else can read', () => {
    expect(statSync(join(inside, 'servers.json')).mode & 0o777).toBe(0o600);
    expect(readServers(inside)).toEqual(stored);
  });

  it('is refused where others can read the file', () => {
    chmodSync(join(inside, 'servers.json'), 0o644);
    expect(() => readServers(inside)).toThrow('can be read by others');
    rmSync(join(inside, 'servers.json'));
    expect(readServers(inside)).toEqual({ servers: {} });
  });

  it('comes from --url, then the environment, then the last sign-in; a key belongs to its registry', () => {
    expect(address({})).toMatchObject({ url: 'https://a.org', token: 'stored' });
    expect(address({ SLIPWAY_URL: 'https://b.org/' })).toMatchObject({
      url: 'https://b.org',
      token: undefined,
    });
    expect(address({ SLIPWAY_URL: 'https://b.org' }, 'https://a.org')).toMatchObject({ token: 'stored' });
    expect(address({ SLIPWAY_TOKEN: 'given' })).toMatchObject({ token: 'given', tokenFrom: 'SLIPWAY_TOKEN' });
    const file = join(directory, 'key');
    writeFileSync(file, ' from a file\n');
    expect(address({ SLIPWAY_TOKEN_FILE: file })).toMatchObject({ token: 'from a file' });
  });

  it.each([
    ['slipway.example.org', 'https://slipway.example.org'],
    ['http://localhost:8080/', 'http://localhost:8080'],
    ['https://a.org/slipway/api/v1/', 'https://a.org/slipway'],
  ])('%s is %s', (text, url) => expect(serverUrl(text)).toBe(url));

  it.each(['ftp://a.org', 'https://me:secret@a.org', 'http:/a.org', 'https:a.org', 'http:///a.org', '::'])(
    'is not %s',
    (text) => {
      expect(() => serverUrl(text)).toThrow(/URL/);
    },
  );
});

describe('a time that is typed', () => {
  const now = new Date('2026-01-31T12:00:00Z');

  it('is absolute, or a duration', () => {
    expect(pastTime('24h', 'at', now)).toBe('2026-01-30T12:00:00.000Z');
    expect(futureTime('90d', 'expires', now)).toBe('2026-05-01T12:00:00.000Z');
    expect(pastTime('2026-01-01T00:00:00+01:00', 'at', now)).toBe('2025-12-31T23:00:00.000Z');
    expect(() => pastTime('yesterday', 'at', now)).toThrow('--at takes a time such as');
  });
});
