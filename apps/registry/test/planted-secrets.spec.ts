import { randomBytes } from 'node:crypto';
import { type SpawnedService } from '#lab';
import { Client } from 'pg';
import { recordEvents, type Recorder } from '../../../test/scenarios/recorder.js';
import { type Answered, askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

/** Every secret that was handed in, and everything that came back. */
const planted = new Map<string, string>();
const answers: string[] = [];

/** A secret that is found wherever it turns up. */
function plant(where: string, form: (random: string) => string = (random) => random): string {
  const secret = form(`planted${randomBytes(16).toString('hex')}`);
  planted.set(where, secret);
  return secret;
}

/** As it is, and as it would be if it went through an encoding on its way. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Whatever stands before it in base64: its middle is the same in one of three.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...shifted];
}

function found(text: string): readonly string[] {
  return [...planted].flatMap(([where, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [where] : [],
  );
}

describe('a secret that is planted', () => {
  let world: RegistryWorld;
  let copy: SpawnedService;
  let heard: Recorder;
  let ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answered>;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    heard = await recordEvents(world.amqpUrl);
    copy = await world.start({
      SLIPWAY_LOG_LEVEL: 'trace',
      SLIPWAY_EXPIRY_CHECK_SECONDS: '1',
      SLIPWAY_OIDC_ISSUER: 'http://127.0.0.1:9/',
      SLIPWAY_OIDC_CLIENT_SECRET: plant('the setting of the client secret'),
      SLIPWAY_GITLAB_ISSUERS: 'http://127.0.0.1:9',
    });
    planted.set('the setting of the key ring', world.env['SLIPWAY_KEY_RING']?.split(':')[1] ?? '');
    planted.set('the setting of the bootstrap key', world.bootstrapKey);
    planted.set('the password of PostgreSQL', new URL(world.postgresUrl).password);
    const admin = await world.adminKey(copy);
    planted.set('the API key of the admin', admin);
    ask = async (method, path, body, headers) =>
      keep(await askingWith(copy.url, admin)(method, path, body, headers));
  });
  afterAll(async () => {
    await copy.kill();
    await heard.close();
  });

  const keep = (answer: Answered): Answered => {
    answers.push(`${answer.text}\n${JSON.stringify([...answer.headers])}`);
    return answer;
  };
  const credential = (name: string, more: object) => ({ name, type: 'webhook-secret', ...more });
  const post = (body: unknown, headers?: Record<string, string>): Promise<Answered> =>
    ask('POST', '/api/v1/credentials', body, headers);

  it('in what is kept, comes back nowhere', async () => {
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const made = await post(credential('kept', { secret: plant('a new credential') }));
    expect(made.status).toBe(201);
    const ending = credential('ending', { secret: plant('a credential that expires'), expiresAt: soon });
    expect((await post(ending)).status).toBe(201);
    const again = { 'idempotency-key': 'once' };
    const repeated = credential('repeated', { secret: plant('a POST that comes again') });
    expect((await post(repeated, again)).status).toBe(201);
    expect((await post(repeated, again)).status).toBe(201);
    const put = credential('kept', { secret: plant('a changed credential') });
    expect((await ask('PUT', '/api/v1/credentials/kept', put, { 'if-match': '"1"' })).status).toBe(200);
    const rotation = { secret: plant('a rotation') };
    expect((await ask('POST', '/api/v1/credentials/kept/rotate', rotation)).status).toBe(200);
    for (const dryRun of ['true', 'false']) {
      const file = { credentials: [credential('applied', { secret: plant(`a file, dry run ${dryRun}`) })] };
      expect((await ask('POST', `/api/v1/apply?dryRun=${dryRun}`, file)).status).toBe(200);
    }
    for (const path of ['', '/kept', '/kept/history', '/applied', '/repeated'])
      expect((await ask('GET', `/api/v1/credentials${path}`)).status).toBe(200);
    await ask('GET', '/api/v1/audit?limit=200');
    await heard.waitFor('credential.changed', ({ name }) => name === 'applied');
    await heard.waitFor('credential.changed', ({ name, version }) => name === 'kept' && version === 3);
    await heard.waitFor('credential.expiring');
  });

  it.each([
    ['beside a field that is none', (secret: string) => credential('x', { secret, colour: 'red' })],
    ['under a wrong name', (secret: string) => credential('x', { sekret: secret })],
    ['as an object', (secret: string) => credential('x', { secret: { value: secret } })],
    ['too long', (secret: string) => credential('x', { secret: secret.repeat(3_000) })],
    ['beside a name that is none', (secret: string) => credential('NO NAME', { secret })],
    ['that is no proxy', (secret: string) => ({ name: 'x', type: 'x509-proxy', secret })],
    ['in a time', (secret: string) => credential('x', { secret: 'x', expiresAt: secret })],
    ['in a list', (secret: string) => [secret]],
  ])('in a request that is refused, %s, is not repeated', async (what, body) => {
    expect((await post(body(plant(what)))).status).toBe(422);
  });

  it.each([
    ['projects', 'a project', { name: 'x', kind: 'repository' }, 'url'],
    [
      'subscriptions',
      'a subscription',
      { name: 'x', events: ['image.published'], credential: 'kept' },
      'url',
    ],
    ['backends', 'a backend', { name: 'x', kind: 'slurm' }, 'url'],
  ])('in the URL of %s is refused', async (plural, what, spec, field) => {
    const url = plant(`the URL of ${what}`, (random) => `https://user:${random}@host.example/`);
    planted.set(`the password in the URL of ${what}`, new URL(url).password);
    expect((await ask('POST', `/api/v1/${plural}`, { ...spec, [field]: url })).status).toBe(422);
  });

  it('in a body that is no JSON is not repeated', async () => {
    const response = await fetch(`${copy.url}/api/v1/credentials`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await world.adminKey(copy)}`, 'content-type': 'application/json' },
      body: `{"secret": "${plant('a body that is no JSON')}`,
    });
    answers.push(await response.text());
    expect(response.status).toBe(400);
  });

  it('in a token is not repeated', async () => {
    const tokens = [
      plant('a key that is not known', () => `slw_0123456789abcdef_${randomBytes(32).toString('base64url')}`),
      plant('a bootstrap key', () => `slw_bootstrap_${randomBytes(32).toString('base64url')}`),
      plant('a CI token', (random) => `slt_s1.test.${random}`),
      plant(
        'a JWT',
        (random) => `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.${random}`,
      ),
      plant('a token of no kind'),
    ];
    for (const token of tokens) {
      const me = keep(await askingWith(copy.url, token)('GET', '/api/v1/me'));
      expect([401, 503]).toContain(me.status);
      const key = keep(await askingWith(copy.url)('POST', '/auth/key', { key: token }));
      expect(key.status).toBe(401);
      const form = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      });
      const exchange = await fetch(`${copy.url}/api/v1/token`, { method: 'POST', body: form });
      answers.push(await exchange.text());
      expect(exchange.status).toBe(400);
    }
    const cookie = `slipway_session=${plant('a cookie')}`;
    keep(await askingWith(copy.url)('GET', '/api/v1/me', undefined, { cookie }));
    const state = plant('what a provider sends');
    keep(await askingWith(copy.url)('GET', `/auth/callback?code=${state}&state=x`));
  });

  it('is an API key of which its hash alone is kept', async () => {
    const { key } = (
      await askingWith(copy.url, await world.adminKey(copy))('POST', '/api/v1/api-keys', { name: 'x' })
    ).body as { key: string };
    planted.set('an API key that was made', key);
    await ask('GET', '/api/v1/api-keys');
  });

  it('is found in no answer, no metric and no page of health', async () => {
    for (const path of ['/metrics', '/health/ready', '/api/openapi.json', '/api/v1/sign-in'])
      keep(await askingWith(copy.url)('GET', path));
    expect(answers.length).toBeGreaterThan(40);
    expect(found(answers.join('\n'))).toEqual([]);
  });

  it('is found in no event', () => {
    expect(heard.named('credential.changed').length).toBeGreaterThanOrEqual(5);
    expect(found(JSON.stringify(heard.events))).toEqual([]);
  });

  it('is found in no row of the database', async () => {
    const client = new Client({ connectionString: world.postgresUrl });
    await client.connect();
    const tables = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = $1`,
      [world.schema],
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(
        `select to_jsonb(whole)::text as row from ${world.schema}.${name} as whole`,
      );
      texts.push(...rows.map(({ row }) => row));
    }
    await client.end();
    expect(texts.length).toBeGreaterThan(20);
    expect(found(texts.join('\n'))).toEqual([]);
  });

  it('is found in no line of the log', () => {
    expect(copy.logs().length).toBeGreaterThan(3);
    expect(found(copy.logs().join('\n'))).toEqual([]);
  });
});
