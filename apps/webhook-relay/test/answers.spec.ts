import { isolatedVhost, waitFor } from '#lab';
import { fixture } from './fixture.js';
import { type EventSink, openSink } from './event-sink.js';
import { type RunningRelay, startRelay } from './running-relay.js';
import { githubSignature, standardSignature } from './signatures.js';
import { secrets, signingKey, sources } from './sources.js';

// Real: the relay as a process, HTTP, RabbitMQ.
let relay: RunningRelay;
let sink: EventSink;

beforeAll(async () => {
  const { url } = await isolatedVhost(import.meta.url);
  relay = await startRelay({ amqpUrl: url, sources, secrets });
  sink = await openSink(url);
}, 120_000);

afterAll(async () => {
  await sink.close();
  await relay.kill();
});

const signed = (body: string | Buffer, id = 'id') => standardSignature(signingKey, id, body);
const bearer = { authorization: `Bearer ${secrets.OLD}` };

/** A delivery that each kind of source would accept. */
const good: readonly (readonly [string, Buffer, Readonly<Record<string, string>>])[] = [
  [`hub/${secrets.OLD}`, fixture('docker-hub/push.json'), {}],
  [`quay/${secrets.OLD}`, fixture('quay/push.json'), {}],
  ['dist', fixture('distribution/pull.json'), bearer],
  ['harbor', fixture('harbor/artifact-pushed.json'), bearer],
  ['github', fixture('github/ping.json'), { 'x-github-event': 'ping' }],
  ['gitlab', fixture('gitlab/push.json'), { 'x-gitlab-token': secrets.OLD }],
  ['generic', Buffer.from('{}'), {}],
];

function credentials(path: string, body: Buffer, rest: Readonly<Record<string, string>>) {
  if (path === 'github') return { ...rest, ...githubSignature(secrets.OLD, body) };
  return path === 'generic' ? { ...rest, ...signed(body) } : rest;
}

/** The same with every credential gone wrong. */
function spoilt(path: string, body: Buffer, rest: Readonly<Record<string, string>>) {
  const wrong = Object.entries(credentials(path, body, rest)).map(([name, value]) => [
    name,
    name === 'x-github-event' ? value : `${value}0`,
  ]);
  return [path.replace(secrets.OLD, 'guessed'), Object.fromEntries(wrong) as Record<string, string>] as const;
}

describe('a delivery is answered', () => {
  it.each(good)('202 with the right credentials: %s', async (path, body, rest) => {
    expect((await relay.post(path, body, credentials(path, body, rest))).status).toBe(202);
  });

  it.each(good)('401 with wrong ones, and with none: %s', async (path, body, rest) => {
    const [wrongPath, wrong] = spoilt(path, body, rest);
    const answer = await relay.post(wrongPath, body, wrong);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status: 401, code: 'relay.unverified' });
    const [name = ''] = path.split('/');
    expect((await relay.post(name, body)).status).toBe(401);
  });

  it.each(good)('400 when it is nothing that the source sends: %s', async (path, _body, rest) => {
    for (const text of ['', 'not JSON', '{"half":', '42', '[]', '"text"']) {
      const body = Buffer.from(text);
      const answer = await relay.post(path, body, credentials(path, body, rest));
      // Anything that is JSON is what anybody may send who signs, and GitHub’s event decides by its header.
      const expected = path === 'generic' && !['', 'not JSON', '{"half":'].includes(text) ? 202 : 400;
      expect([text, answer.status]).toEqual([text, expected]);
    }
  });

  it.each(good)('415 as another content type: %s', async (path, body, rest) => {
    const type = { 'content-type': 'text/plain' };
    const answer = await relay.post(path, body, { ...credentials(path, body, rest), ...type });
    expect(answer.status).toBe(415);
  });

  it('202 however long the token in its URL is', async () => {
    expect((await relay.post(`hub/${secrets.LONG}`, fixture('docker-hub/push.json'))).status).toBe(202);
  });

  it('404 without a hint when there is no such source, or it takes no token in its URL', async () => {
    const answers = await Promise.all(
      ['nobody', 'Gitlab', 'nobody/token', 'gitlab/token', '..%2fhub', 'a/b/c/d'].map((path) =>
        relay.post(path, '{}', { 'x-gitlab-token': secrets.OLD }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.text).not.toContain('nobody');
  });

  it('405 with what is allowed when it is not posted, whether or not there is such a source', async () => {
    for (const name of ['gitlab', 'nobody'])
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await fetch(`${relay.url}/hooks/${name}`, { method });
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
      }
  });

  it('429 with Retry-After beyond the rate of its source, which strangers cannot use up', async () => {
    for (let count = 0; count < 10; count++)
      expect((await relay.post('small', '{}', signed('other'))).status).toBe(401);
    const answers = [];
    for (let count = 0; count < 3; count++) answers.push(await relay.post('small', '{}', signed('{}')));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await relay.post('generic', '{}', signed('{}'))).status).toBe(202);
  });

  it('413 when its body is larger than its source may send, declared or not', async () => {
    const body = `"${'x'.repeat(1_023)}"`;
    expect((await relay.post('small', body, signed(body))).status).toBe(413);
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent < 64; sent++) controller.enqueue(new Uint8Array(1_024).fill(32));
        controller.close();
      },
    });
    const request = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit;
    expect((await fetch(`${relay.url}/hooks/small`, request)).status).toBe(413);
    const large = `"${'x'.repeat(1_000_000)}"`;
    expect((await relay.post('generic', large, signed(large))).status).toBe(202);
  });
});

describe('a source', () => {
  it('that sent half a body and left keeps nothing busy', async () => {
    const { connect } = await import('node:net');
    const { hostname, port } = new URL(relay.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /hooks/generic HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"half":');
    socket.end();
    const aborted = async () => {
      const metrics = await (await fetch(`${relay.url}/metrics`)).text();
      return metrics.includes('slipway_relay_deliveries_total{source="generic",outcome="aborted"} 1');
    };
    await waitFor(aborted, { what: 'the aborted delivery in the metrics' });
    socket.destroy();
  });

  it('is taken from slipway.yml anew at SIGHUP, unless the file is not valid', async () => {
    relay.rewrite([...sources, { name: 'late', kind: 'standard-webhooks', secrets: [{ env: 'SIGNING' }] }]);
    relay.signal('SIGHUP');
    const accepted = async () => (await relay.post('late', '{}', signed('{}'))).status === 202;
    await waitFor(accepted, { what: 'the new source' });
    relay.rewrite([{ name: 'broken', kind: 'nothing', secrets: [] }]);
    relay.signal('SIGHUP');
    const told = () => relay.logs().some((line) => line.includes('the sources stay as they were'));
    await waitFor(told, { what: 'the complaint in the log' });
    expect(await accepted()).toBe(true);
  });

  it('never finds its secrets in the log', () => {
    const log = relay.logs().join('\n');
    expect(log).toContain('a delivery was refused');
    for (const secret of [...Object.values(secrets), 'guessed']) expect(log).not.toContain(secret);
  });
});
