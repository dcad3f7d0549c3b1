import { type SpawnedService, waitFor } from '#lab';
import { askingWith } from './asking.js';
import { Browser } from './browser.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

const printed = (copy: SpawnedService): readonly string[] =>
  copy.logs().flatMap((line) => /slw_bootstrap_[\w-]{43}/.exec(line) ?? []);

describe('the first start', () => {
  let world: RegistryWorld;
  let copies: readonly SpawnedService[] = [];
  let key: string;
  const asking = (token: string, index = 0) => askingWith(copies[index]?.url ?? '', token);

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    copies = await Promise.all([1, 2, 3].map(() => world.start({ SLIPWAY_BOOTSTRAP_KEY: '' })));
  });
  afterAll(() => Promise.all(copies.map((copy) => copy.kill())));

  it('prints one key, however many copies start', async () => {
    key = await waitFor(() => copies.flatMap(printed)[0], { what: 'the bootstrap key' });
    expect(copies.flatMap(printed)).toEqual([key]);
  });

  it('and no other while that one waits', async () => {
    const another = await world.start({ SLIPWAY_BOOTSTRAP_KEY: '' });
    expect(printed(another)).toEqual([]);
    await another.kill();
  });

  it('and it opens nothing but the making of an admin key', async () => {
    expect((await asking(key)('GET', '/api/v1/projects')).body).toMatchObject({ status: 403 });
    const reader = await asking(key)('POST', '/api/v1/api-keys', { name: 'x', role: 'reader' });
    expect(reader.status).toBe(403);
  });

  it('and makes one, even when it is used twice at once', async () => {
    const make = (index: number) =>
      asking(key, index)('POST', '/api/v1/api-keys', { name: 'first', role: 'admin' });
    const answers = await Promise.all([make(0), make(1), make(2)]);
    expect(answers.map(({ status }) => String(status)).sort()).toEqual(['201', '401', '401']);
    const made = answers.find(({ status }) => status === 201)?.body as { key: string };
    expect((await asking(made.key)('GET', '/api/v1/me')).body).toMatchObject({ role: 'admin' });
    expect((await make(0)).body).toMatchObject({ status: 401, code: 'access.spent_key' });
    const another = await world.start({ SLIPWAY_BOOTSTRAP_KEY: '' });
    expect(printed(another)).toEqual([]);
    await another.kill();
  });
});

describe('the page', () => {
  it('can be entered with the bootstrap key, once, and with API keys until they are revoked', async () => {
    const world = await registryWorld(`${import.meta.url}-page`);
    const copy = await world.start();
    const enter = async (browser: Browser, key: string): Promise<number> =>
      (
        await browser.visit(`${copy.url}/auth/key`, {
          method: 'POST',
          body: JSON.stringify({ key }),
          headers: { 'content-type': 'application/json' },
        })
      ).status;
    const first = new Browser();
    expect(await enter(first, world.bootstrapKey)).toBe(204);
    expect(await enter(new Browser(), world.bootstrapKey)).toBe(401);
    const ask = askingWith(copy.url);
    const headers = { cookie: first.cookiesOf(copy.url), 'x-slipway-request': '1' };
    const made = await ask('POST', '/api/v1/api-keys', { name: 'mine', role: 'admin' }, headers);
    const { id, key } = made.body as { id: string; key: string };
    const second = new Browser();
    expect(await enter(second, key)).toBe(204);
    const me = () => ask('GET', '/api/v1/me', undefined, { cookie: second.cookiesOf(copy.url) });
    expect((await me()).body).toMatchObject({ name: 'mine', via: 'api-key' });
    await ask('DELETE', `/api/v1/api-keys/${id}`, undefined, headers);
    await waitFor(async () => (await me()).status === 401, { what: 'the end of the session' });
    await copy.kill();
  });
});
