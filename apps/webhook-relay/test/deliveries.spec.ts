import { fixture } from './fixture.js';
import { relayWorld } from './relay-world.js';
import { githubSignature, standardSignature } from './signatures.js';
import { nextSigningKey, secrets, signingKey } from './sources.js';

// Real: the relay as a process, HTTP, RabbitMQ. Imitated: the senders, with payloads that they have published.
const world = relayWorld(import.meta.url);

describe('a delivery of Harbor', () => {
  const post = (name: string) =>
    world.relay.post('harbor', fixture(`harbor/${name}.json`), {
      authorization: secrets.NEW,
      'content-type': name.includes('cloudevents') ? 'application/cloudevents+json' : 'application/json',
    });

  it.each(['artifact-pushed', 'artifact-pushed.cloudevents'])(
    'in the format of %s is an image by digest, its digest no tag',
    async (name) => {
      expect((await post(name)).text).toBe('{"published":1,"dropped":0}');
      const [event] = await world.sink.take();
      expect(event?.payload).toMatchObject({
        registry: 'harbor.example.org',
        repository: 'harbor/alpine',
        digest: 'sha256:954b378c375d852eb3c63ab88978f640b4348b01c1b3456a024a81536dafbbf4',
        actor: 'harbor-jobservice',
      });
      expect(event?.payload['tag']).toBeUndefined();
    },
  );

  it.each(['artifact-deleted', 'artifact-deleted.cloudevents'])('about a deletion: %s', async (name) => {
    expect((await post(name)).text).toBe('{"published":1,"dropped":0}');
  });

  it.each(['artifact-pulled', 'replication-status-changed', 'scanning-completed'])(
    'that nobody wants is accepted: %s',
    async (name) => {
      expect(await post(name)).toMatchObject({ status: 202, text: '{"published":0,"dropped":1}' });
    },
  );

  it('in the words of Harbor 1 is a push too', async () => {
    const body = fixture('harbor/artifact-pushed.json').toString().replace('PUSH_ARTIFACT', 'pushImage');
    const answer = await world.relay.post('harbor', body, { authorization: secrets.OLD });
    expect(answer.text).toBe('{"published":1,"dropped":0}');
  });
});

describe('a delivery of GitHub', () => {
  const post = (event: string, body: Buffer, id = 'guid-1', secret: string = secrets.OLD) =>
    world.relay.post('github', body, {
      ...githubSignature(secret, body),
      'x-github-event': event,
      'x-github-delivery': id,
    });

  it.each([
    ['package', 'package-container'],
    ['registry_package', 'registry-package-container'],
  ])('%s names an image by digest, its owner in lower case', async (event, name) => {
    const answer = await post(event, fixture(`github/${name}.json`), `guid-of-${name}`);
    expect(answer.text).toBe('{"published":1,"dropped":0}');
    const events = await world.sink.take();
    expect(events.at(-1)?.payload).toMatchObject({
      registry: 'ghcr.io',
      repository: 'codertocat/hello-world',
      digest: 'sha256:3da1996a8115d7616457760d9920b815241d0a03b34cf5f04e9a0e9d8de37498',
    });
  });

  it('that is a ping, or about a package that is no image, is accepted', async () => {
    expect((await post('ping', fixture('github/ping.json'))).status).toBe(202);
    const answer = await post('package', fixture('github/package-npm.json'));
    expect(answer).toMatchObject({ status: 202, text: '{"published":0,"dropped":1}' });
  });

  it('may come as a form, which a hook sends unless told', async () => {
    const body = Buffer.from(
      new URLSearchParams({ payload: fixture('github/package-container.json').toString() }).toString(),
    );
    const answer = await world.relay.post('github', body, {
      ...githubSignature(secrets.NEW, body),
      'content-type': 'application/x-www-form-urlencoded',
      'x-github-event': 'package',
      'x-github-delivery': 'as-a-form',
    });
    expect(answer).toMatchObject({ status: 202, text: '{"published":1,"dropped":0}' });
  });

  it('with a signature over other bytes is refused', async () => {
    const body = fixture('github/ping.json');
    const answer = await world.relay.post('github', Buffer.concat([body, Buffer.from(' ')]), {
      ...githubSignature(secrets.OLD, body),
      'x-github-event': 'ping',
    });
    expect(answer.status).toBe(401);
  });
});

describe('a delivery of anybody who signs', () => {
  it.each([signingKey, nextSigningKey])('is passed on whatever it says, under either key', async (key) => {
    const body = JSON.stringify({
      type: 'user.made',
      timestamp: '2026-01-01T00:00:00Z',
      data: { n: key.length },
    });
    const answer = await world.relay.post('generic', body, standardSignature(key, `msg_${key.length}`, body));
    expect(answer.status).toBe(202);
    const events = await world.sink.take();
    expect(events.at(-1)).toMatchObject({
      key: 'webhook.received.v1',
      payload: { type: 'user.made', timestamp: '2026-01-01T00:00:00.000Z' },
    });
  });

  it('that comes twice has the same id, and brings its trace', async () => {
    const body = '{"test": 2432232314}';
    const headers = {
      ...standardSignature(signingKey, 'msg_twice', body),
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    await world.relay.post('generic', body, headers);
    await world.relay.post('generic', body, headers);
    const [event, ...again] = await world.sink.take();
    expect(again.map(({ id }) => id)).toEqual([event?.id]);
    expect(event?.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
    expect(event?.payload).toMatchObject({ type: 'unknown', data: { test: 2_432_232_314 } });
  });
});
