import { isolatedVhost } from '#lab';
import { fixture } from './fixture.js';
import { type RunningRelay, startRelay } from './running-relay.js';
import { githubSignature, standardSignature } from './signatures.js';
import { secrets, signingKey, sources } from './sources.js';

// Real: the relay as a process, HTTP, RabbitMQ. The payloads are broken on purpose, the credentials are right.
let relay: RunningRelay;

beforeAll(async () => {
  const { url } = await isolatedVhost(import.meta.url);
  const patient = sources.map((source) => ({ ...source, rate: { perSecond: 10_000, burst: 10_000 } }));
  relay = await startRelay({ amqpUrl: url, sources: patient, secrets });
}, 120_000);

afterAll(() => relay.kill());

/** Reproducible: a failure shows the body. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const oddities: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  '',
  'x'.repeat(5_000),
  '\u0000',
  '../../etc/passwd',
  [],
  {},
  [[[[null]]]],
  true,
  { toString: null },
  '0001-01-01T00:00:00Z',
  '+999999-01-01T00:00:00Z',
  'sha256:zz',
];

/** One value, somewhere in the payload, becomes something odd or goes away. */
function mutate(value: unknown, next: () => number): unknown {
  if (typeof value !== 'object' || value === null || next() < 0.15)
    return oddities[Math.floor(next() * oddities.length)];
  const entries = Object.entries(value);
  const chosen = Math.floor(next() * entries.length);
  const changed = entries.flatMap(([key, inner], index) =>
    index !== chosen ? [[key, inner] as const] : next() < 0.2 ? [] : [[key, mutate(inner, next)] as const],
  );
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}

const bearer = { authorization: secrets.OLD };
const seeds: readonly (readonly [string, string, (body: string) => Record<string, string>])[] = [
  [`hub/${secrets.OLD}`, 'docker-hub/push', () => ({})],
  [`quay/${secrets.OLD}`, 'quay/push', () => ({})],
  ['dist', 'distribution/three-events', () => bearer],
  ['dist-any-host', 'distribution/pull', () => bearer],
  ['harbor', 'harbor/artifact-pushed', () => bearer],
  ['harbor', 'harbor/artifact-deleted.cloudevents', () => bearer],
  ...['package-container', 'package-npm'].map(
    (name) =>
      [
        'github',
        `github/${name}`,
        (body: string) => ({ ...githubSignature(secrets.OLD, body), 'x-github-event': 'package' }),
      ] as const,
  ),
  ...[
    'push',
    'tag',
    'merge-request',
    'pipeline',
    'job',
    'comment-merge-request',
    'issue',
    'release',
    'deployment',
    'system-push',
  ].map((name) => ['gitlab', `gitlab/${name}`, () => ({ 'x-gitlab-token': secrets.OLD })] as const),
  ['generic', 'gitlab/push', (body) => standardSignature(signingKey, 'id', body)],
];

describe('a broken payload with the right credentials', () => {
  it.each(seeds)(
    'is accepted or called not of this format, never a failure of ours: %s, %s',
    async (path, name, headers) => {
      const next = random(name.length);
      const original = JSON.parse(fixture(`${name}.json`).toString()) as unknown;
      for (let round = 0; round < 60; round++) {
        let payload = original;
        for (let change = 0; change <= next() * 4; change++) payload = mutate(payload, next);
        const body = JSON.stringify(payload);
        const { status, text } = await relay.post(path, body, headers(body));
        if (status !== 202 && status !== 400)
          throw new Error(`${status} ${text} for ${body.slice(0, 2_000)}`);
      }
    },
  );

  it('may be bytes that are no text', async () => {
    const next = random(7);
    for (let round = 0; round < 50; round++) {
      const body = Buffer.from(Array.from({ length: 200 }, () => Math.floor(next() * 256)));
      expect((await relay.post('dist', body, bearer)).status).toBe(400);
    }
  });

  it.each([
    ['deep arrays', '['.repeat(400_000) + ']'.repeat(400_000)],
    ['deep objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['a deep part', `{"type":"t","data":${'['.repeat(70)}${']'.repeat(70)}}`],
    [
      'a prototype',
      '{"__proto__":{"type":"x"},"constructor":{"prototype":1},"type":"t","data":{"__proto__":[]}}',
    ],
  ])('may be nested without end: %s', async (_what, body) => {
    const generic = await relay.post('generic', body, standardSignature(signingKey, 'id', body));
    expect(generic.status).toBe(202);
    for (const [path, headers] of [
      ['gitlab', { 'x-gitlab-token': secrets.OLD }],
      ['dist', bearer],
      ['harbor', bearer],
    ] as const)
      expect([202, 400]).toContain((await relay.post(path, body, headers)).status);
  });

  it('may hold more events than anybody sends', async () => {
    const event = { id: 'x', action: 'push', target: { repository: 'a/b', tag: 'c' } };
    const body = JSON.stringify({ events: Array.from({ length: 30_000 }, () => event) });
    expect(await relay.post('dist', body, bearer)).toMatchObject({
      status: 202,
      text: '{"published":0,"dropped":30000}',
    });
  });
});
