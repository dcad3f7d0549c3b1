import { freePort } from '#embedded';
import { type SpawnedService, waitFor } from '#lab';
import { startOpenidProvider, type OpenidStandIn } from '../../../test/stand-ins/openid-provider/start.js';
import { type Asking, askingWith } from './asking.js';
import { Browser } from './browser.js';
import { registryWorld } from './registry-world.js';

describe('signing in with an OpenID provider', () => {
  let provider: OpenidStandIn;
  let copy: SpawnedService;
  let other: SpawnedService;
  let settings: Record<string, string>;
  let start: (more?: Record<string, string>) => Promise<SpawnedService>;

  beforeAll(async () => {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    provider = await startOpenidProvider({ redirectUris: [`${publicUrl}/auth/callback`] });
    const world = await registryWorld(import.meta.url);
    settings = {
      SLIPWAY_PUBLIC_URL: publicUrl,
      SLIPWAY_OIDC_ISSUER: provider.issuer,
      SLIPWAY_OIDC_CLIENT_ID: provider.clientId,
      SLIPWAY_OIDC_CLIENT_SECRET: provider.clientSecret,
      SLIPWAY_OIDC_SCOPES: 'openid profile groups',
      SLIPWAY_OIDC_ADMINS: 'group:slipway/admins',
      SLIPWAY_OIDC_MEMBERS: 'group:atlas/owners,carl',
    };
    start = (more = {}) => world.start({ ...settings, ...more });
    [copy, other] = await Promise.all([start({ SLIPWAY_HTTP_PORT: String(port) }), start()]);
  });
  afterAll(async () => {
    await Promise.all([copy, other].map((one) => one.kill()));
    await provider.stop();
  });

  const signInAs = async (sub: string, to = '/me'): Promise<{ browser: Browser; url: URL }> => {
    const browser = new Browser();
    const page = await browser.visit(`${copy.url}/auth/login?to=${encodeURIComponent(to)}`);
    expect(page.text).toContain('Who are you?');
    const body = new URLSearchParams({ sub });
    return { browser, url: (await browser.visit(page.url, { method: 'POST', body })).url };
  };
  const askingAs = (browser: Browser, { url } = copy): Asking => {
    const ask = askingWith(url);
    return (method, path, body, headers) =>
      ask(method, path, body, { cookie: browser.cookiesOf(copy.url), ...headers });
  };
  const jwt = (claims: object): Promise<string> =>
    provider.sign({
      sub: '1002',
      aud: 'slipway',
      preferred_username: 'otto',
      groups: ['/atlas/owners'],
      ...claims,
    });
  const me = async (token: string, { url } = copy): Promise<Record<string, unknown>> =>
    (await askingWith(url, token)('GET', '/api/v1/me')).body as Record<string, unknown>;

  describe('by the page', () => {
    it('leads back to where one wanted to go, as who one is, at every copy', async () => {
      const { browser, url } = await signInAs('1001', '/projects?q=a');
      expect(url.href).toBe(`${copy.url}/projects?q=a`);
      for (const at of [copy, other])
        expect((await askingAs(browser, at)('GET', '/api/v1/me')).body).toEqual({
          subject: '1001',
          name: 'ada',
          via: 'session',
          role: 'admin',
          groups: ['slipway/admins'],
        });
    });

    it.each(['https://evil.example/', '//evil.example/', '/\\evil.example/'])(
      'never leads to %s',
      async (to) => {
        const { url } = await signInAs('1001', to);
        expect(url.href).toBe(`${copy.url}/`);
      },
    );

    it('lets nobody in whom the settings leave out', async () => {
      const { browser, url } = await signInAs('1003');
      expect(url.pathname).toBe('/sign-in');
      expect(url.searchParams.get('error')).toBe('rita may not come in here');
      expect((await askingAs(browser)('GET', '/api/v1/me')).status).toBe(401);
    });

    it('takes a change by cookie only from our own page', async () => {
      const ask = askingAs((await signInAs('1001')).browser);
      const project = { name: 'by-cookie', kind: 'repository', url: 'https://git.example/x' };
      const forged = await ask('POST', '/api/v1/projects', project);
      expect(forged.body).toMatchObject({ status: 403, code: 'session.forbidden' });
      const made = await ask('POST', '/api/v1/projects', project, { 'x-slipway-request': '1' });
      expect(made.status).toBe(201);
    });

    it('gives an owner by group what the group owns, and nothing else', async () => {
      const admin = askingAs((await signInAs('1001')).browser);
      const csrf = { 'x-slipway-request': '1' };
      const project = { kind: 'repository', url: 'https://git.example/x' };
      await admin(
        'POST',
        '/api/v1/projects',
        { ...project, name: 'theirs', ownerGroups: ['atlas/owners'] },
        csrf,
      );
      await admin('POST', '/api/v1/projects', { ...project, name: 'others' }, csrf);
      const otto = askingAs((await signInAs('1002')).browser);
      const credential = (of: string) => ({
        name: `of-${of}`,
        type: 'webhook-secret',
        secret: 'x',
        project: of,
      });
      expect((await otto('POST', '/api/v1/credentials', credential('theirs'), csrf)).status).toBe(201);
      expect((await otto('POST', '/api/v1/credentials', credential('others'), csrf)).status).toBe(403);
    });

    it('ends by signing out', async () => {
      const { browser } = await signInAs('1001');
      await browser.visit(`${copy.url}/auth/logout`, { method: 'POST' });
      expect((await askingAs(browser)('GET', '/api/v1/me')).status).toBe(401);
    });

    it('refuses an answer that this browser did not ask for', async () => {
      const page = await new Browser().visit(`${copy.url}/auth/callback?code=stolen&state=guessed`);
      expect(page.url.searchParams.get('error')).toContain('begun in another browser');
      const browser = new Browser();
      await browser.visit(`${copy.url}/auth/login`);
      const forged = await browser.visit(`${copy.url}/auth/callback?code=stolen&state=guessed`);
      expect(forged.url.searchParams.get('error')).toContain('does not fit');
      expect((await askingAs(browser)('GET', '/api/v1/me')).status).toBe(401);
    });

    it('takes a changed cookie for none', async () => {
      const { browser } = await signInAs('1001');
      const cookie = browser.cookiesOf(copy.url);
      const changed = cookie.slice(0, -10) + (cookie.at(-10) === 'A' ? 'B' : 'A') + cookie.slice(-9);
      const answer = await askingWith(copy.url)('GET', '/api/v1/me', undefined, { cookie: changed });
      expect(answer.status).toBe(401);
    });
  });

  describe('by a bearer token', () => {
    it('is who the provider says', async () => {
      expect(await me(await jwt({}))).toMatchObject({ name: 'otto', via: 'bearer', role: 'member' });
      expect(await me(await jwt({ groups: ['slipway/admins'] }))).toMatchObject({ role: 'admin' });
    });

    it.each([
      ['is for somebody else', { aud: 'another' }, 401, 'access.foreign_token'],
      ['is of another issuer', { iss: 'https://evil.example' }, 401, 'access.foreign_token'],
      ['has expired', { exp: 1_600_000_000 }, 401, 'access.expired_token'],
      ['names nobody', { sub: '' }, 401, 'access.unknown_token'],
      ['is a CI job’s', { job_id: '7', project_path: 'a/b' }, 401, 'access.foreign_token'],
      ['is of somebody who may not come in', { groups: [] }, 403, 'sign_in.forbidden'],
    ])('that %s does not count', async (_what, claims, status, code) => {
      expect(await me(await jwt(claims))).toMatchObject({ status, code });
    });

    it('does not count without a signature, or with another one', async () => {
      const [header, payload, signature = ''] = (await jwt({})).split('.');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const shared = Buffer.from('{"alg":"HS256"}').toString('base64url');
      const other = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
      for (const token of [
        `${none}.${payload}.`,
        `${shared}.${payload}.${signature}`,
        `${header}.${payload}.${other}`,
      ])
        expect(await me(token)).toMatchObject({ status: 401, code: 'access.unknown_token' });
    });

    it('counts by a new key as soon as the provider has one, and not any more by the old', async () => {
      const before = await jwt({});
      await provider.rotateKeys();
      const after = await jwt({});
      await waitFor(async () => (await me(after))['name'] === 'otto', { what: 'the new key' });
      expect(await me(before)).toMatchObject({ status: 401, code: 'access.unknown_token' });
    });

    it('is not refused but put off while the provider is away', async () => {
      const token = await jwt({});
      await provider.stop();
      const fresh = await start();
      expect(await me(token, fresh)).toMatchObject({ status: 503, code: 'sign_in.provider_unavailable' });
      const page = await new Browser().visit(`${fresh.url}/auth/login`);
      expect(page.url.searchParams.get('error')).toContain('try again soon');
      await provider.start();
      await waitFor(async () => (await me(await jwt({}), fresh))['name'] === 'otto', {
        what: 'the provider',
      });
      await fresh.kill();
    });
  });
});
