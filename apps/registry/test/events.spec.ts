import { type Bus, connectBus, silentLogger } from '#bus';
import { credentialChanged, imageDeleted, imagePushed } from '#contracts';
import { waitFor, type SpawnedService } from '#lab';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

const image = {
  registry: 'r.example.org',
  repository: 'team/app',
  tag: 'v1',
  source: 'test',
  verified: true,
};

interface Told {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

/** One block of an event stream; comments hold nothing. */
const told = (block: string): Told | undefined => {
  const fields = block.split('\n').map((line) => /^(id|event|data): (.*)$/s.exec(line) ?? []);
  const { data, ...rest } = Object.fromEntries(
    fields.flatMap(([, name, value]) => (name ? [[name, value]] : [])),
  );
  return data === undefined ? undefined : { ...rest, data };
};

/** A reader of the stream, as a browser would be one. */
class Reader {
  readonly heard: Told[] = [];
  ended = false;
  private readonly abort = new AbortController();

  private constructor(readonly status: number) {}

  static async open(url: string, key: string, query = '', after?: string): Promise<Reader> {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(after !== undefined && { 'last-event-id': after }),
    };
    const abort = new AbortController();
    const response = await fetch(`${url}/api/v1/events${query}`, { headers, signal: abort.signal });
    const reader = new Reader(response.status);
    reader.abort.signal.addEventListener('abort', () => abort.abort());
    void reader
      .read(response)
      .catch(() => undefined)
      .finally(() => (reader.ended = true));
    return reader;
  }

  names(): readonly string[] {
    return this.heard.map(({ event }) => event ?? '');
  }

  close(): void {
    this.abort.abort();
  }

  private async read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
      const blocks = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n\n');
      rest = blocks.pop() ?? '';
      this.heard.push(...blocks.map(told).filter((one) => one !== undefined));
    }
  }
}

describe('the live view of events', () => {
  let world: RegistryWorld;
  let registry: SpawnedService;
  let key: string;
  let bus: Bus;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    registry = await world.start({ SLIPWAY_EVENT_READERS: '3' });
    key = await world.adminKey(registry);
    bus = connectBus({ url: world.amqpUrl, service: 'webhook-relay', logger: silentLogger });
    await bus.started();
  }, 60_000);
  afterAll(async () => {
    await registry.kill('SIGKILL');
    await bus.close();
  });

  const said = async (count: number): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) await bus.publish(imagePushed, image, { id });
    return ids;
  };
  const heardBy = (reader: Reader, id: string | undefined): Promise<Told> =>
    waitFor(() => reader.heard.find((event) => event.id === id), { what: `event ${id}` });

  it('tells those who ask for them, and no others', async () => {
    const [all, pushes, deletions] = await Promise.all(
      ['', '?types=image.pushed,gitlab.*', '?types=*.deleted'].map((query) =>
        Reader.open(registry.url, key, query),
      ),
    );
    if (!all || !pushes || !deletions) throw new Error('no reader');
    const [id] = await said(1);
    await bus.publish(imageDeleted, image, { id: 'the-end' });
    await Promise.all([heardBy(all, 'the-end'), heardBy(deletions, 'the-end'), heardBy(pushes, id)]);
    expect(all.names()).toEqual(['image.pushed', 'image.deleted']);
    expect(deletions.names()).toEqual(['image.deleted']);
    const { data } = await heardBy(pushes, id);
    expect(JSON.parse(data)).toMatchObject({ id, type: 'org.slipway.image.pushed.v1', data: image });
    const refused = await Reader.open(registry.url, key);
    expect(refused.status).toBe(503);
    for (const reader of [all, pushes, deletions]) reader.close();
    await waitFor(
      async () => {
        const reader = await Reader.open(registry.url, key);
        reader.close();
        return reader.status === 200;
      },
      { what: 'room for a reader' },
    );
  });

  it('tells one that comes back what it missed, or that it may have missed something', async () => {
    const first = await Reader.open(registry.url, key, '?types=image.pushed');
    const [seen] = await said(1);
    await heardBy(first, seen);
    first.close();
    const missed = await said(3);
    const probe = await Reader.open(registry.url, key);
    const [last] = await said(1);
    await heardBy(probe, last);
    probe.close();
    const again = await Reader.open(registry.url, key, '?types=image.pushed', seen);
    await heardBy(again, last);
    expect(again.heard.map(({ id }) => id)).toEqual([...missed, last]);
    again.close();
    const lost = await Reader.open(registry.url, key, '', 'never-heard-of');
    await waitFor(() => lost.names().includes('gap'), { what: 'the gap' });
    lost.close();
  });

  it('shows nothing of a credential that is sealed', async () => {
    const reader = await Reader.open(registry.url, key, '?types=credential.*');
    const secrets = [{ id: randomUUID(), sealed: 'planted', fingerprint: 'shown' }];
    const change = { id: randomUUID(), name: 'c', version: 1, revision: 1_000_000, by: 'me', gone: true };
    const at = new Date().toISOString();
    await bus.publish(credentialChanged, { ...change, at, secrets }, { id: 'changed' });
    const { data } = await heardBy(reader, 'changed');
    expect(data).toContain('shown');
    expect(data).not.toContain('planted');
    reader.close();
  });

  it('lets a reader go that does not read, and serves the others', async () => {
    const other = await Reader.open(registry.url, key, '?types=image.deleted');
    const idle = request(`${registry.url}/api/v1/events`, { headers: { authorization: `Bearer ${key}` } });
    idle.on('response', (response) => response.pause());
    idle.on('error', () => undefined);
    idle.end();
    const secrets = [{ id: randomUUID(), sealed: '', fingerprint: 'x'.repeat(200_000) }];
    const change = { id: randomUUID(), name: 'c', version: 1, revision: 1_000_000, by: 'me', gone: true };
    const at = new Date().toISOString();
    // Of three places one is the other reader's: two are free once the idle one is gone.
    await waitFor(
      async () => {
        for (let n = 0; n < 20; n++) await bus.publish(credentialChanged, { ...change, at, secrets });
        const readers = [await Reader.open(registry.url, key), await Reader.open(registry.url, key)];
        for (const reader of readers) reader.close();
        return readers.every(({ status }) => status === 200);
      },
      { what: 'the end of the reader that does not read', deadlineMs: 120_000 },
    );
    await bus.publish(imageDeleted, image, { id: 'after' });
    await heardBy(other, 'after');
    idle.destroy();
    other.close();
  });

  it('ends with the service, which does not wait for readers', async () => {
    const reader = await Reader.open(registry.url, key);
    await registry.kill('SIGTERM');
    expect(await registry.exited).toBe(0);
    await waitFor(() => reader.ended, { what: 'the end of the stream' });
    registry = await world.start();
  });

  it('is closed to who is not signed in, and refuses patterns that are none', async () => {
    expect((await askingWith(registry.url)('GET', '/api/v1/events')).status).toBe(401);
    expect((await askingWith(registry.url, key)('GET', '/api/v1/events?types=a;b')).status).toBe(400);
  });
});
