import type { AuditEntry, BrowserSession } from '#api';
import { freePort } from '#embedded';
import { type SpawnedService, waitFor } from '#lab';
import { startOpenidProvider, type OpenidStandIn } from '../../../test/stand-ins/openid-provider/start.js';
import { type Answered, type Asking, askingWith } from './asking.js';
import { Browser } from './browser.js';
import { registryWorld } from './registry-world.js';

const csrf = { 'x-slipway-request': '1' };

// Real: RabbitMQ, PostgreSQL, two copies of the registry, and an OpenID provider as a process.
describe('access that ends before its time', () => {
  let provider: OpenidStandIn;
  let copies: readonly [SpawnedService, SpawnedService];
  let start: (more?: Record<string, string>) => Promise<SpawnedService>;

  beforeAll(async () => {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    provider = await startOpenidProvider({ redirectUris: [`${publicUrl}/auth/callback`] });
    const world = await registryWorld(import.meta.url);
    const settings = {
      SLIPWAY_PUBLIC_URL: publicUrl,
      SLIPWAY_OIDC_ISSUER: provider.issuer,
      SLIPWAY_OIDC_CLIENT_ID: provider.clientId,
      SLIPWAY_OIDC_CLIENT_SECRET: provider.clientSecret,
      SLIPWAY_OIDC_SCOPES: 'openid profile groups',
      SLIPWAY_OIDC_ADMINS: 'group:slipway/admins',
    };
    start = (more = {}) => world.start({ ...settings, ...more });
    copies = await Promise.all([start({ SLIPWAY_HTTP_PORT: String(port) }), start()]);
  }, 90_000);
  afterAll(async () => {
    await Promise.all(copies.map((one) => one.kill('SIGKILL')));
    await provider.stop();
  });

  const signInAs = async (sub: string): Promise<Browser> => {
    const browser = new Browser();
    const page = await browser.visit(`${copies[0].url}/auth/login`);
    await browser.visit(page.url, { method: 'POST', body: new URLSearchParams({ sub }) });
    return browser;
  };
  const askingAs = (browser: Browser, at: number = 0): Asking => {
    const ask = askingWith(copies[at]?.url ?? '');
    return (method, path, body) =>
      ask(method, path, body, { cookie: browser.cookiesOf(copies[0].url), ...csrf, 'if-match': '*' });
  };
  const sessionsOf = async (ask: Asking): Promise<readonly BrowserSession[]> =>
    ((await ask('GET', '/api/v1/sessions?limit=200')).body as { items: BrowserSession[] }).items;
  const ownOf = async (ask: Asking): Promise<BrowserSession> => {
    const own = (await sessionsOf(ask)).find(({ isThisOne }) => isThisOne);
    if (!own) throw new Error('it is not in its own list');
    return own;
  };
  const isIn = async (ask: Asking): Promise<boolean> => (await ask('GET', '/api/v1/me')).status === 200;

  describe('a session', () => {
    it('is listed to whose it is and to admins, and ended alone, at every copy', async () => {
      const [first, second] = [await signInAs('1002'), await signInAs('1002')];
      const otto = askingAs(first);
      const own = await ownOf(otto);
      const other = await ownOf(askingAs(second));
      expect(own).toMatchObject({ subject: '1002', name: 'otto', way: 'openid', browser: 'node' });
      expect((await sessionsOf(otto)).map(({ id }) => id).sort()).toEqual([own.id, other.id].sort());
      expect(await isIn(askingAs(second, 1))).toBe(true);
      expect((await otto('DELETE', `/api/v1/sessions/${other.id}`)).status).toBe(204);
      for (const at of [0, 1])
        await waitFor(async () => !(await isIn(askingAs(second, at))), { what: `the end at copy ${at}` });
      const refused = await askingAs(second)('GET', '/api/v1/me');
      expect(refused.body).toMatchObject({ status: 401, code: 'access.revoked_token' });
      expect(refused.headers.getSetCookie().join()).toMatch(/max-age=0/i);
      expect(await isIn(otto)).toBe(true);
      expect((await otto('DELETE', `/api/v1/sessions/${other.id}`)).status).toBe(404);

      const ada = askingAs(await signInAs('1001'));
      expect((await sessionsOf(ada)).map(({ subject }) => subject).sort()).toEqual(['1001', '1002']);
      expect((await otto('DELETE', `/api/v1/sessions/${(await ownOf(ada)).id}`)).status).toBe(404);
      expect((await ada('DELETE', `/api/v1/sessions/${own.id}`)).status).toBe(204);
      expect(await isIn(otto)).toBe(false);
      const audit = (await ada('GET', '/api/v1/audit?kind=session')).body as { items: AuditEntry[] };
      expect(audit.items).toContainEqual(
        expect.objectContaining({ action: 'ended', by: 'ada', name: own.id, detail: 'otto' }),
      );
    });

    it('is ended by signing out also for who copied its cookie', async () => {
      const browser = await signInAs('1002');
      const cookie = browser.cookiesOf(copies[0].url);
      await browser.visit(`${copies[0].url}/auth/logout`, { method: 'POST' });
      const thief = await askingWith(copies[0].url)('GET', '/api/v1/me', undefined, { cookie });
      expect(thief.body).toMatchObject({ status: 401, code: 'access.revoked_token' });
    });

    it('is not ended by what is no id', async () => {
      const ask = askingAs(await signInAs('1002'));
      expect((await ask('DELETE', '/api/v1/sessions/none')).status).toBe(404);
    });
  });

  describe('a key that a person made', () => {
    let ada: Asking;
    const project = { kind: 'repository', url: 'https://git.example/x' };
    const carl = { sub: '1009', aud: 'slipway', preferred_username: 'carl' };
    const keyOf = async (claims: object, wanted: object): Promise<string> => {
      const ask = askingWith(copies[0].url, await provider.sign(claims));
      const { status, body, text } = await ask('POST', '/api/v1/api-keys', { name: 'robot', ...wanted });
      if (status !== 201) throw new Error(text);
      return (body as { key: string }).key;
    };
    const change = (key: string, of: string, at = copies[0]): Promise<Answered> =>
      askingWith(at.url, key)('POST', '/api/v1/credentials', {
        name: `of-${of}-${Date.now()}`,
        type: 'webhook-secret',
        secret: 'x',
        project: of,
      });
    const untilRefused = (key: string, of: string): Promise<unknown> =>
      waitFor(async () => (await change(key, of)).status === 403, { what: 'a refusal' });
    const roleOf = async (key: string): Promise<unknown> =>
      (await askingWith(copies[0].url, key)('GET', '/api/v1/me')).body;

    beforeAll(async () => {
      ada = askingAs(await signInAs('1001'));
      await ada('POST', '/api/v1/projects', { ...project, name: 'one', owners: ['carl'] });
      await ada('POST', '/api/v1/projects', { ...project, name: 'two', owners: ['carl'] });
      await ada('POST', '/api/v1/projects', { ...project, name: 'three', ownerGroups: ['cms/owners'] });
    });

    it('opens no more what its maker owns no more, and goes on to open the rest', async () => {
      const key = await keyOf(carl, { role: 'member', onlyProjects: ['one', 'two'] });
      expect((await change(key, 'one')).status).toBe(201);
      await ada('PUT', '/api/v1/projects/one', { ...project, name: 'one', owners: ['another'] });
      await untilRefused(key, 'one');
      expect((await change(key, 'two')).status).toBe(201);
      await ada('PUT', '/api/v1/projects/two', { ...project, name: 'two' });
      await untilRefused(key, 'two');
      expect(await roleOf(key)).toMatchObject({ role: 'reader', onlyProjects: ['one', 'two'] });
      await ada('PUT', '/api/v1/projects/one', { ...project, name: 'one', owners: ['carl'] });
      await waitFor(async () => (await change(key, 'one')).status === 201, {
        what: 'the right to come back',
      });
    });

    it('goes by the groups that the provider told when they signed in last', async () => {
      const otto = { sub: '1002', aud: 'slipway', preferred_username: 'otto', groups: ['/cms/owners'] };
      const key = await keyOf(otto, { role: 'member', onlyProjects: ['three'] });
      expect((await change(key, 'three')).status).toBe(201);
      // There the provider says that he is in another group.
      await signInAs('1002');
      await untilRefused(key, 'three');
    });

    it('only reads when its maker is no admin any more, and counts no more when they may not come in', async () => {
      const dora = {
        sub: '1010',
        aud: 'slipway',
        preferred_username: 'dora',
        groups: ['/slipway/admins', '/x'],
      };
      const key = await keyOf(dora, { role: 'admin' });
      expect(await roleOf(key)).toMatchObject({ role: 'admin' });
      const [without, closed] = await Promise.all([
        start({ SLIPWAY_OIDC_ADMINS: 'ada' }),
        start({ SLIPWAY_OIDC_ADMINS: 'ada', SLIPWAY_OIDC_MEMBERS: 'otto' }),
      ]);
      const me = (at: SpawnedService) => askingWith(at.url, key)('GET', '/api/v1/me');
      expect((await me(without)).body).toMatchObject({ role: 'reader' });
      expect((await me(closed)).body).toMatchObject({ status: 401, code: 'access.revoked_token' });
      await Promise.all([without.kill('SIGKILL'), closed.kill('SIGKILL')]);
    });
  });
});
