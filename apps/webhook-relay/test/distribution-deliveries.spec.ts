import { fixture } from './fixture.js';
import { relayWorld } from './relay-world.js';
import { secrets } from './sources.js';

// Real: the relay as a process, HTTP, RabbitMQ. Imitated: the senders, with payloads that they have published.
const world = relayWorld(import.meta.url);

const bearer = { authorization: `Bearer ${secrets.OLD}` };
const digest = `sha256:${'a'.repeat(64)}`;

function envelope(...targets: readonly object[]): string {
  const events = targets.map((target, index) => ({
    id: `event-${JSON.stringify(target).length}-${index}`,
    timestamp: '2026-03-09T14:44:26.402973972-08:00',
    action: 'push',
    target: {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest,
      repository: 'atlas/athena',
      tag: 'v1',
      ...target,
    },
    request: { host: 'registry:5000' },
    actor: { name: 'me' },
  }));
  return JSON.stringify({ events });
}

describe('a delivery of Docker Hub', () => {
  it('is a hint about the tag, proved by the token in its URL', async () => {
    const answer = await world.relay.post(`hub/${secrets.NEW}`, fixture('docker-hub/push.json'));
    expect(answer).toMatchObject({ status: 202, text: '{"published":1,"dropped":0}' });
    const [event] = await world.sink.take();
    expect(event).toMatchObject({
      key: 'image.pushed.v1',
      headers: { cloudEvents_time: '2014-12-03T00:22:41.000Z' },
      payload: {
        registry: 'docker.io',
        repository: 'svendowideit/testhook',
        tag: 'latest',
        actor: 'trustedbuilder',
        verified: false,
      },
    });
  });

  it('about an official image is about library/…', async () => {
    const body = { push_data: { tag: '12' }, repository: { repo_name: 'debian' } };
    expect((await world.relay.post(`hub?token=${secrets.OLD}`, JSON.stringify(body))).status).toBe(202);
    expect(await world.sink.take()).toMatchObject([{ payload: { repository: 'library/debian', tag: '12' } }]);
  });
});

describe('a delivery of Quay', () => {
  it('gives one event for each tag', async () => {
    const body = JSON.parse(fixture('quay/push.json').toString()) as { updated_tags: string[] };
    body.updated_tags = ['3.10', '3', 'latest'];
    await world.relay.post(`quay/${secrets.OLD}`, JSON.stringify(body));
    const events = await world.sink.take();
    expect(events.map(({ payload }) => payload['tag'])).toEqual(['3.10', '3', 'latest']);
    expect(events[0]?.payload).toMatchObject({ registry: 'quay.io', repository: 'mynamespace/repository' });
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
  });
});

describe('a delivery of Distribution', () => {
  it.each([
    'application/vnd.docker.distribution.events.v1+json',
    'application/vnd.docker.distribution.events.v2+json; charset=utf-8',
    'application/json',
  ])('is taken as %s', async (type) => {
    const answer = await world.relay.post('dist', envelope(), { ...bearer, 'content-type': type });
    expect(answer).toMatchObject({ status: 202 });
  });

  it('gives an event for each image in the envelope, none for layers, pulls and mounts', async () => {
    const body = envelope(
      {},
      { mediaType: 'application/octet-stream', url: 'https://r/v2/atlas/athena/blobs/sha256:1' },
      { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
      { mediaType: 'application/octet-stream', url: 'https://r/v2/atlas/athena/manifests/v2', tag: 'v2' },
    );
    const answer = await world.relay.post('dist', body, bearer);
    expect(answer.text).toBe('{"published":2,"dropped":2}');
    expect(await world.sink.take()).toMatchObject([
      {
        payload: {
          registry: 'registry.example.org',
          repository: 'atlas/athena',
          tag: 'v1',
          digest,
          verified: true,
        },
      },
      { payload: { tag: 'v2' } },
    ]);
  });

  it('is accepted when its example digests are none: refusing would jam the registry', async () => {
    const answer = await world.relay.post('dist', fixture('distribution/three-events.json'), bearer);
    expect(answer).toMatchObject({ status: 202, text: '{"published":0,"dropped":3}' });
  });

  it('about a pull gives no event', async () => {
    const answer = await world.relay.post('dist', fixture('distribution/pull.json'), bearer);
    expect(answer).toMatchObject({ status: 202, text: '{"published":0,"dropped":1}' });
  });

  it('about a deletion says which tag, which image, or that all is gone', async () => {
    const events = [
      { id: 'd1', action: 'delete', target: { repository: 'a/b', tag: 'x' } },
      { id: 'd2', action: 'delete', target: { repository: 'a/b', digest } },
      { id: 'd3', action: 'delete', target: { repository: 'a/b' } },
    ];
    await world.relay.post('dist', JSON.stringify({ events }), bearer);
    expect(await world.sink.take()).toMatchObject([
      { key: 'image.deleted.v1', payload: { repository: 'a/b', tag: 'x' } },
      { key: 'image.deleted.v1', payload: { digest } },
      { key: 'image.deleted.v1', headers: { cloudEvents_subject: 'registry.example.org/a/b' } },
    ]);
  });

  it('of Azure is one event without an envelope', async () => {
    const { events } = JSON.parse(envelope({ tag: 'azure' })) as { events: object[] };
    const answer = await world.relay.post('dist-any-host', JSON.stringify(events[0]), bearer);
    expect(answer.text).toBe('{"published":1,"dropped":0}');
    const [event] = await world.sink.take();
    expect(event?.payload).toMatchObject({ registry: 'registry:5000', tag: 'azure' });
  });

  it('is proved by the header that its administrator chose, and speaks for its own repositories alone', async () => {
    const header = { 'x-hook-secret': secrets.NEW };
    const body = envelope({ repository: 'cms/cmssw' }, { repository: 'atlas/athena', tag: 'mine' });
    expect((await world.relay.post('dist-atlas', body, bearer)).status).toBe(401);
    const answer = await world.relay.post('dist-atlas', body, header);
    expect(answer).toMatchObject({ status: 202, text: '{"published":1,"dropped":1}' });
    const events = await world.sink.take();
    expect(events).toMatchObject([{ payload: { repository: 'atlas/athena', tag: 'mine' } }]);
    expect(world.relay.logs().join('\n')).toContain('out_of_scope');
    const metrics = await (await fetch(`${world.relay.url}/metrics`)).text();
    expect(metrics).toContain('slipway_relay_dropped_total{source="dist-atlas",reason="out_of_scope"} 1');
  });

  it('that comes twice, alone or among others, gives the same ids', async () => {
    const one = { ...bearer };
    const first = envelope({ tag: 'twice' });
    await world.relay.post('dist', first, one);
    const { events } = JSON.parse(first) as { events: object[] };
    const other = { ...events[0], id: 'another' };
    await world.relay.post('dist', JSON.stringify({ events: [other, ...events] }), one);
    const ids = (await world.sink.take()).map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(ids[2]);
    expect(new Set(ids).size).toBe(2);
  });
});
