import type { SpawnedService } from '#lab';
import { waitFor } from '#lab';
import { Client } from 'pg';
import { type Asking, askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

interface Made {
  readonly id: string;
  readonly key: string;
}

describe('API keys', () => {
  let world: RegistryWorld;
  let copies: readonly [SpawnedService, SpawnedService];
  let admin: Asking;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    copies = await Promise.all([world.start(), world.start()]);
    admin = askingWith(copies[0].url, await world.adminKey(copies[0]));
    for (const name of ['analysis', 'other'])
      await admin('POST', '/api/v1/projects', { name, kind: 'repository', url: 'https://git.example/x/y' });
  });
  afterAll(() => Promise.all(copies.map((copy) => copy.kill())));

  const make = async (wanted: object): Promise<Made> =>
    (await admin('POST', '/api/v1/api-keys', wanted)).body as Made;

  it('stand for who they are, with their role and projects', async () => {
    const { key, id } = await make({ name: 'robot', role: 'member', onlyProjects: ['analysis'] });
    const me = await askingWith(copies[1].url, key)('GET', '/api/v1/me');
    expect(me.status).toBe(200);
    expect(me.body).toEqual({
      subject: `key:${id}`,
      name: 'robot',
      via: 'api-key',
      role: 'member',
      groups: [],
      onlyProjects: ['analysis'],
    });
  });

  it('are kept as hashes alone', async () => {
    const { key } = await make({ name: 'hashed' });
    const client = new Client({ connectionString: world.postgresUrl });
    await client.connect();
    const { rows } = await client.query(`select api_key::text as row from ${world.schema}.api_key`);
    await client.end();
    const secret = key.split('_').at(-1) ?? '';
    expect(JSON.stringify(rows)).toContain('hashed');
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect((await admin('GET', '/api/v1/api-keys?limit=200')).text).not.toContain(secret);
  });

  it('that are revoked at one copy soon count nowhere', async () => {
    const { key, id } = await make({ name: 'leaked' });
    const asks = copies.map(({ url }) => askingWith(url, key));
    for (const ask of asks) expect((await ask('GET', '/api/v1/me')).status).toBe(200);
    expect((await admin('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(204);
    for (const ask of asks)
      await waitFor(async () => (await ask('GET', '/api/v1/me')).status === 401, {
        what: 'the end of the key',
      });
    expect((await asks[0]?.('GET', '/api/v1/me'))?.body).toMatchObject({ code: 'access.revoked_token' });
    expect((await admin('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(404);
    const audit = await admin('GET', '/api/v1/audit?kind=api_key&limit=1');
    expect(audit.body).toMatchObject({ items: [{ action: 'revoked', name: id, detail: 'leaked' }] });
  });

  it('expire, and say so', async () => {
    const { key } = await make({ name: 'short', expiresIn: '1s' });
    const ask = askingWith(copies[0].url, key);
    await waitFor(async () => (await ask('GET', '/api/v1/me')).status === 401, {
      what: 'the end of the key',
    });
    const refused = await ask('GET', '/api/v1/me');
    expect(refused.body).toMatchObject({ code: 'access.expired_token', status: 401 });
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('tell when they were last used, once a copy has noted it', async () => {
    const { key, id } = await make({ name: 'used' });
    const copy = await world.start();
    await askingWith(copy.url, key)('GET', '/api/v1/me');
    await copy.kill();
    const { items } = (await admin('GET', '/api/v1/api-keys?limit=200')).body as {
      items: readonly { id: string; lastUsedAt?: string }[];
    };
    expect(items.find((one) => one.id === id)?.lastUsedAt).toMatch(/^\d{4}-/);
  });

  it.each([
    ['a member key of no project', { name: 'x', role: 'member' }, 'onlyProjects'],
    [
      'an admin key for one project',
      { name: 'x', role: 'admin', onlyProjects: ['analysis'] },
      'onlyProjects',
    ],
    ['a key for ever', { name: 'x', expiresIn: '4000d' }, 'expiresIn'],
    ['a role that is none', { name: 'x', role: 'king' }, 'role'],
    ['a field that is none', { name: 'x', colour: 'red' }, 'colour'],
  ])('%s is refused with the place of the fault', async (_what, wanted, field) => {
    const refused = await admin('POST', '/api/v1/api-keys', wanted);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'request.invalid' });
    expect(refused.text).toContain(field);
  });

  it('make no keys unless they are an admin’s, and see those of nobody else', async () => {
    const { key } = await make({ name: 'robot', role: 'member', onlyProjects: ['analysis'] });
    const robot = askingWith(copies[0].url, key);
    const refused = await robot('POST', '/api/v1/api-keys', { name: 'y', onlyProjects: ['analysis'] });
    expect(refused.body).toMatchObject({ status: 403, code: 'access.forbidden' });
    expect((await robot('GET', '/api/v1/api-keys')).body).toEqual({ items: [] });
    const { key: readerKey } = await make({ name: 'reader' });
    const reader = askingWith(copies[0].url, readerKey);
    expect((await reader('GET', '/api/v1/api-keys')).status).toBe(403);
  });

  it.each([
    ['no token', undefined, 'access.unauthenticated'],
    ['a key with another secret', `slw_0000000000000000_${'A'.repeat(43)}`, 'access.unknown_token'],
    ['a token of no kind that is known', 'hello', 'access.unknown_token'],
    ['a JWT where no provider is configured', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', 'access.unknown_token'],
  ])('%s is answered 401', async (_what, token, code) => {
    const refused = await askingWith(copies[0].url, token)('GET', '/api/v1/projects');
    expect(refused.body).toMatchObject({ status: 401, code });
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer realm="slipway"/);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });
});
