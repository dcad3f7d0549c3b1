import { connectBus, permissionsOf, brokerDefinitions, type Bus, type Heard } from '#bus';
import { exchanges } from '#contracts';
import { isolatedVhost, waitFor, type IsolatedVhost } from '#lab';
import { header } from '../src/envelope.js';
import { browsed, cancelled, house, ordered, outsider, priced, rememberingLogger } from './house.js';

// Real: RabbitMQ and its management plugin.
const opened: (() => Promise<unknown>)[] = [];
afterAll(async () => void (await Promise.all(opened.map((close) => close()))));

interface Copy {
  readonly bus: Bus;
  readonly heard: Heard[];
  readonly queues: string[];
  readonly lines: string[];
}

function shopAt(url: string): Bus {
  const bus = connectBus({ url, service: 'shop', logger: rememberingLogger(), house });
  opened.push(() => bus.close());
  return bus;
}

/** A copy of the warehouse that listens already. */
async function copyAt(
  url: string,
  keys: readonly string[],
  handle: (heard: Heard) => unknown = () => {},
): Promise<Copy> {
  const logger = rememberingLogger();
  const bus = connectBus({ url, service: 'warehouse', logger, house });
  opened.push(() => bus.close());
  const heard: Heard[] = [];
  const queues: string[] = [];
  bus.listen({
    keys,
    handle: (message) => {
      heard.push(message);
      return handle(message);
    },
    onOpen: (queue) => queues.push(queue),
  });
  await waitFor(() => queues.length > 0, { what: 'the copy to listen' });
  return { bus, heard, queues, lines: logger.lines };
}

const numbers = ({ heard }: Copy): unknown[] =>
  heard.map(({ data }) => (data as { readonly number: number }).number);

/** Cuts every connection whose name says so, as soon as the management plugin knows of one. */
async function cut({ api, vhost }: IsolatedVhost, purpose: string): Promise<void> {
  const found = await waitFor(
    async () => {
      const all = (await api('GET', 'connections')) as {
        vhost: string;
        name: string;
        user_provided_name?: string;
      }[];
      const ours = all.filter((each) => each.vhost === vhost && each.user_provided_name?.includes(purpose));
      return ours.length > 0 ? ours : undefined;
    },
    { what: 'the connection in the management plugin', deadlineMs: 30_000 },
  );
  for (const { name } of found) await api('DELETE', `connections/${encodeURIComponent(name)}`);
}

describe('listening', () => {
  it('hears at every copy what fits the pattern, in order, and nothing else', async () => {
    const { url } = await isolatedVhost(import.meta.url, 'every copy');
    const shop = shopAt(url);
    const copies = await Promise.all([copyAt(url, ['shop.ordered.#']), copyAt(url, ['shop.ordered.#'])]);
    await shop.publish(cancelled, { number: 99 });
    for (let number = 1; number <= 20; number++)
      await shop.publish(ordered, { number }, { id: `m${number}` });
    for (const copy of copies) {
      await waitFor(() => copy.heard.length === 20, { what: 'all twenty' });
      expect(numbers(copy)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(copy.heard[0]).toMatchObject({ id: 'm1', routingKey: 'shop.ordered.v1', message: ordered });
    }
    expect(copies[0].queues[0]).toMatch(/^warehouse\.copy\./);
    expect(copies[0].queues).not.toEqual(copies[1].queues);
  });

  it('is not held up by a handler that throws, rejects or hangs, and logs what failed', async () => {
    const { url } = await isolatedVhost(import.meta.url, 'failing');
    const shop = shopAt(url);
    const copy = await copyAt(url, ['#'], ({ id }) => {
      if (id === 'throws') throw new Error('thrown here');
      if (id === 'rejects') return Promise.reject(new Error('rejected here'));
      return id === 'hangs' ? new Promise(() => {}) : undefined;
    });
    for (const id of ['throws', 'rejects', 'hangs', 'fine'])
      await shop.publish(browsed, { number: 1 }, { id });
    await waitFor(() => copy.heard.length === 4, { what: 'all four' });
    expect(copy.heard.map(({ id }) => id)).toEqual(['throws', 'rejects', 'hangs', 'fine']);
    await waitFor(() => copy.lines.filter((line) => line.includes('was not handled')).length === 2, {
      what: 'both failures in the log',
    });
    expect(copy.bus.state().ready).toBe(true);
  });

  it('goes on at a new queue when the connection broke, and tells of it', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'broken');
    const shop = shopAt(vhost.url);
    const copy = await copyAt(vhost.url, ['#']);
    await cut(vhost, 'warehouse consuming');
    await waitFor(() => copy.queues.length === 2, { what: 'a second queue' });
    expect(copy.queues[1]).not.toBe(copy.queues[0]);
    await shop.publish(ordered, { number: 2 });
    await waitFor(() => copy.heard.length === 1, { what: 'the message' });
    const left = (await vhost.api('GET', 'queues/%v')) as { readonly name: string }[];
    expect(left.map(({ name }) => name).filter((name) => name.startsWith('warehouse.copy'))).toEqual([
      copy.queues[1],
    ]);
  });

  it('hears answers to itself alone', async () => {
    const { url } = await isolatedVhost(import.meta.url, 'answers');
    const shop = shopAt(url);
    const [asked, other] = await Promise.all([copyAt(url, []), copyAt(url, [])]);
    await shop.answer(String(asked.queues[0]), priced, { number: 5 }, { correlationId: 'c' });
    await waitFor(() => asked.heard.length === 1, { what: 'the answer' });
    expect(asked.heard[0]).toMatchObject({ message: priced, correlationId: 'c', problem: undefined });
    expect(other.heard).toEqual([]);
    await expect(shop.answer('warehouse.copy.gone', priced, { number: 5 })).rejects.toMatchObject({
      code: 'bus.unroutable',
    });
  });

  it('hands on what is not as the contract says, or not in it, with the reason', async () => {
    const { url } = await isolatedVhost(import.meta.url, 'newer');
    const copy = await copyAt(url, ['#']);
    const other = await outsider(url);
    opened.push(() => other.close());
    const channel = await other.createChannel();
    const say = (type: string, body: string): void => {
      const headers = { [header.id]: type, [header.source]: '/elsewhere', [header.type]: type };
      const properties = { headers, contentType: 'application/json' };
      channel.publish(exchanges.events, 'shop.x.v9', Buffer.from(body), properties);
    };
    say(ordered.type, '{"number": "secret"}');
    say('org.slipway.shop.x.v9', '{"number": 1}');
    say('org.slipway.shop.x.v9', 'not JSON');
    say('org.slipway.shop.x.v9', '{"number": 2}');
    await waitFor(() => copy.heard.length === 3, { what: 'those that can be read' });
    expect(copy.heard[0]).toMatchObject({
      message: ordered,
      problem: expect.stringContaining('number') as string,
    });
    expect(copy.heard[0]?.problem).not.toContain('secret');
    expect(copy.heard[1]).toMatchObject({ message: undefined, problem: undefined, data: { number: 1 } });
    expect(numbers(copy).slice(1)).toEqual([1, 2]);
  });

  it('needs no more rights than a service is given', async () => {
    const vhost = await isolatedVhost(import.meta.url, 'rights');
    await vhost.api('POST', 'definitions/%v', brokerDefinitions(house, vhost.vhost));
    const userUrl = async (service: string): Promise<string> => {
      await vhost.api('PUT', `users/listening-${service}`, { password: 'a password', tags: '' });
      await vhost.api('PUT', `permissions/%v/listening-${service}`, permissionsOf(service, house));
      const url = new URL(vhost.url);
      url.username = `listening-${service}`;
      url.password = encodeURIComponent('a password');
      return url.href;
    };
    const copy = await copyAt(await userUrl('warehouse'), ['#']);
    const shop = shopAt(await userUrl('shop'));
    await shop.publish(browsed, { number: 1 });
    await shop.answer(String(copy.queues[0]), priced, { number: 2 });
    await waitFor(() => copy.heard.length === 2, { what: 'both' });
    const other = await outsider(await userUrl('warehouse'));
    opened.push(() => other.close());
    const channel = await other.createChannel();
    channel.on('error', () => {});
    await expect(channel.assertQueue('shop.copy.0')).rejects.toThrow(/ACCESS_REFUSED/);
  });
});
