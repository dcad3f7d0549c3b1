import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openKeyRing } from '#secrets';
import { waitFor, type SpawnedService } from '#lab';
import { Client } from 'pg';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { type Asking, askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

interface Shown {
  readonly id: string;
  readonly version: number;
  readonly secrets: readonly { readonly id: string; readonly [field: string]: unknown }[];
}
interface Announced {
  readonly id: string;
  readonly revision: number;
  readonly secrets: readonly {
    readonly sealed: string;
    readonly fingerprint: string;
    readonly validUntil?: string;
  }[];
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

describe('credentials', () => {
  let world: RegistryWorld;
  let copies: readonly SpawnedService[];
  let admin: Asking;
  let heard: Recorder;
  let database: Client;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    copies = await Promise.all([1, 2].map(() => world.start({ SLIPWAY_EXPIRY_CHECK_SECONDS: '1' })));
    const [copy] = copies as [SpawnedService];
    admin = askingWith(copy.url, await world.adminKey(copy));
    heard = await recordEvents(world.amqpUrl);
    database = new Client({ connectionString: world.postgresUrl });
    await database.connect();
  });
  afterAll(async () => {
    await Promise.all(copies.map((copy) => copy.kill()));
    await heard.close();
    await database.end();
  });

  const make = async (name: string, more: object = {}): Promise<Shown> => {
    const spec = { name, type: 'webhook-secret', secret: `secret of ${name}`, ...more };
    const made = await admin('POST', '/api/v1/credentials', spec);
    if (made.status !== 201) throw new Error(made.text);
    return made.body as Shown;
  };
  const announced = async (name: string, version: number): Promise<Announced> => {
    const fits = (data: Record<string, unknown>): boolean =>
      data['name'] === name && data['version'] === version;
    return (await heard.waitFor('credential.changed', fits)).data as unknown as Announced;
  };
  const opened = (
    { id, secrets }: Announced,
    ring = world.env['SLIPWAY_KEY_RING'] ?? '',
  ): readonly string[] => secrets.map(({ sealed }) => openKeyRing(ring).unseal(sealed, `credential/${id}`));

  it('show of their secret what tells it from others, and are announced with it sealed', async () => {
    const shown = await make('hook', { secret: 'long-enough-to-end-in-wxyz', expiresAt: inDays(400) });
    expect(shown.secrets).toHaveLength(1);
    expect(shown.secrets[0]).toMatchObject({ lastFour: 'wxyz', createdBy: 'admin of the test' });
    expect(JSON.stringify(shown)).not.toContain('long-enough');
    const event = await announced('hook', 1);
    expect(opened(event)).toEqual(['long-enough-to-end-in-wxyz']);
    expect(event.secrets[0]?.fingerprint).toBe(shown.secrets[0]?.['fingerprint']);
  });

  it('need a secret when they are made, of the form that their type has', async () => {
    const spec = { name: 'none', type: 'webhook-secret' };
    const missing = await admin('POST', '/api/v1/credentials', spec);
    expect(missing.body).toMatchObject({
      status: 422,
      errors: [{ path: ['secret'], message: 'is missing' }],
    });
    const token = await admin('POST', '/api/v1/credentials', {
      ...spec,
      type: 'htcondor-idtoken',
      secret: 'x',
    });
    expect(token.body).toMatchObject({ status: 422, errors: [{ path: ['secret'] }] });
    const past = await admin('POST', '/api/v1/credentials', { ...spec, secret: 'x', expiresAt: inDays(-1) });
    expect(past.body).toMatchObject({ status: 422, errors: [{ path: ['expiresAt'] }] });
  });

  it('keep their secret when only their description changes, and get another by PUT', async () => {
    const shown = await make('described');
    const put = (body: object, version: number): ReturnType<Asking> =>
      admin(
        'PUT',
        '/api/v1/credentials/described',
        { name: 'described', type: 'webhook-secret', ...body },
        {
          'if-match': `"${version}"`,
        },
      );
    const changed = (await put({ description: 'of the relay' }, 1)).body as Shown;
    expect(changed.secrets).toEqual(shown.secrets);
    const same = (await put({ description: 'of the relay', secret: 'secret of described' }, 2)).body as Shown;
    expect(same.version).toBe(2);
    const replaced = (await put({ description: 'of the relay', secret: 'another' }, 2)).body as Shown;
    expect(replaced.secrets).toHaveLength(1);
    expect(replaced.secrets[0]?.id).not.toBe(shown.secrets[0]?.id);
    expect(opened(await announced('described', 3))).toEqual(['another']);
    const before = await admin(
      'GET',
      `/api/v1/credentials/described?at=${encodeURIComponent(new Date().toISOString())}`,
    );
    expect(before.status).toBe(200);
  });

  it('count twice while they are rotated, then once', async () => {
    await make('rotated');
    const rotate = (body: object): ReturnType<Asking> =>
      admin('POST', '/api/v1/credentials/rotated/rotate', body);
    const both = (await rotate({ secret: 'the second', overlap: '1h' })).body as Shown;
    expect(both.secrets.map(({ validUntil }) => typeof validUntil)).toEqual(['undefined', 'string']);
    const event = await announced('rotated', 2);
    expect(opened(event)).toEqual(['the second', 'secret of rotated']);
    expect((await rotate({ secret: 'the second' })).body).toMatchObject({ status: 422 });
    const last = both.secrets.map(({ id }) => id);
    const removed = await admin('DELETE', `/api/v1/credentials/rotated/secrets/${last[1]}`);
    expect((removed.body as Shown).secrets.map(({ id }) => id)).toEqual([last[0]]);
    expect(opened(await announced('rotated', 3))).toEqual(['the second']);
    expect((await admin('DELETE', `/api/v1/credentials/rotated/secrets/${last[0]}`)).status).toBe(409);
    expect((await admin('DELETE', `/api/v1/credentials/rotated/secrets/${last[1]}`)).status).toBe(404);
    const atOnce = (await rotate({ secret: 'the third', overlap: '0s' })).body as Shown;
    expect(atOnce.secrets).toHaveLength(1);
    expect((await rotate({ secret: 'the fourth', overlap: '900d' })).status).toBe(422);
    const audit = await admin('GET', '/api/v1/audit?kind=credential&name=rotated');
    expect((audit.body as { items: { action: string }[] }).items.map(({ action }) => action)).toEqual([
      'rotated',
      'secret removed',
      'rotated',
      'created',
    ]);
  });

  it('leave no secret behind when they are removed, or when an overlap has ended', async () => {
    const shown = await make('gone');
    await admin('POST', '/api/v1/credentials/gone/rotate', { secret: 'newer', overlap: '1s' });
    const kept = async (): Promise<number> => {
      const sql = `select count(sealed)::int as n from ${world.schema}.credential_secret where credential_id = $1`;
      const { rows } = await database.query<{ n: number }>(sql, [shown.id]);
      return rows[0]?.n ?? -1;
    };
    await waitFor(async () => (await kept()) === 1, { what: 'the end of the overlap' });
    await admin('DELETE', '/api/v1/credentials/gone', undefined, { 'if-match': '*' });
    expect(await kept()).toBe(0);
    expect((await announced('gone', 3)).secrets).toEqual([]);
  });

  it('are warned of before they expire and when they have, once each, by one copy', async () => {
    await make('ending', { expiresAt: inDays(10) });
    const expiring = (): readonly unknown[] =>
      heard
        .named('credential.expiring')
        .filter(({ data }) => data['name'] === 'ending')
        .map(({ data }) => data['hasExpired']);
    await waitFor(() => expiring().length === 1, { what: 'the first warning' });
    const move = (to: string): Promise<unknown> =>
      database.query(
        `update ${world.schema}.credential_secret set expires_at = $1
         where credential_id = (select id from ${world.schema}.resource_version where name = 'ending' limit 1)`,
        [to],
      );
    await move(inDays(2));
    await waitFor(() => expiring().length === 2, { what: 'the second warning' });
    await move(inDays(-1));
    await waitFor(() => expiring().length === 3, { what: 'the last warning' });
    // What is made later is warned of later: by then a warning too many would have come.
    await make('marker', { expiresAt: inDays(1) });
    await heard.waitFor('credential.expiring', ({ name }) => name === 'marker');
    expect(expiring()).toEqual([false, false, true]);
  });

  it('are sealed anew under a new first key, and announced so, once', async () => {
    const shown = await make('old');
    const ring = `new:${randomBytes(32).toString('base64')},${world.env['SLIPWAY_KEY_RING']}`;
    const reseal = async (): Promise<string> => {
      const main = fileURLToPath(new URL('../src/reseal/main.js', import.meta.url));
      const env = { ...world.env, SLIPWAY_KEY_RING: ring };
      return (await promisify(execFile)(process.execPath, [main], { env })).stdout;
    };
    expect(await reseal()).toMatch(/^[1-9]\d* credentials sealed anew under the key "new"/);
    const event = await announced('old', 2);
    expect(event.secrets.every(({ sealed }) => sealed.startsWith('s1.new.'))).toBe(true);
    expect(opened(event, ring.split(',')[0])).toEqual(['secret of old']);
    expect(await reseal()).toMatch(/^0 credentials/);
    const after = (await admin('GET', '/api/v1/credentials/old')).body as Shown;
    expect(after.secrets).toEqual(shown.secrets);
    expect(after.version).toBe(2);
  });
});
