import { setTimeout as pause } from 'node:timers/promises';
import { connectBus, type Bus } from '#bus';
import { AppError } from '#errors';
import { isolatedVhost, waitFor } from '#lab';
import type { ChannelModel } from 'amqplib';
import { header } from '../src/envelope.js';
import { silentLogger } from '../src/options.js';
import { unroutedQueue, type House } from '../src/topology.js';
import { browsed, depth, house, ordered, orders, outsider, ship, take } from './house.js';

// Real: RabbitMQ. A house of its own; nobody consumes.
interface Shop {
  readonly bus: Bus;
  readonly other: ChannelModel;
  readonly api: (method: string, path: string, body?: object) => Promise<unknown>;
}

const opened: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(opened.map((close) => close())));

async function open(suffix: string, own: Partial<House> = {}): Promise<Shop> {
  const { url, api } = await isolatedVhost(import.meta.url, suffix);
  const bus = connectBus({
    url,
    service: 'shop',
    logger: silentLogger,
    house: { ...house, ...own },
    limits: { messageBytes: 50_000 },
  });
  await bus.started();
  const other = await outsider(url);
  opened.push(
    () => bus.close(),
    () => other.close(),
  );
  return { bus, other, api };
}

const refusal = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('it was confirmed');
    },
    (error: unknown) => error as AppError,
  );

async function deleteQueue({ other }: Shop, queue: string): Promise<void> {
  const channel = await other.createChannel();
  await channel.deleteQueue(queue);
  await channel.close();
}

describe('publish', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await open('usual');
  }, 60_000);

  it('sends a persistent CloudEvent in binary mode', async () => {
    await shop.bus.publish(ordered, { number: 7 }, { time: '2026-01-02T03:04:05.000Z', correlationId: 'c' });
    const { properties, content, fields } = await take(shop.other, orders.name);
    expect(JSON.parse(content.toString())).toEqual({ number: 7, note: '' });
    expect(fields).toMatchObject({ exchange: 'slipway.events', routingKey: 'shop.ordered.v1' });
    expect(properties).toMatchObject({
      contentType: 'application/json',
      deliveryMode: 2,
      correlationId: 'c',
      appId: 'shop',
    });
    const { 'x-delivery-count': _count, ...headers } = properties.headers ?? {};
    expect(headers).toEqual({
      [header.specversion]: '1.0',
      [header.id]: properties.messageId as string,
      [header.source]: '/slipway/shop',
      [header.type]: 'org.slipway.shop.ordered.v1',
      [header.subject]: 'order/7',
      [header.time]: '2026-01-02T03:04:05.000Z',
      [header.correlationId]: 'c',
    });
  });

  it('gives each of the messages that are published at once its own headers, and none of the one before', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const said = Array.from({ length: 20 }, (_, number) => ({
      number,
      options: number % 2 === 0 ? { id: `m${number}`, causationId: `c${number}`, traceparent } : {},
    }));
    await Promise.all(said.map(({ number, options }) => shop.bus.publish(ordered, { number }, options)));
    for (const { number, options } of said) {
      const { properties, content } = await take(shop.other, orders.name);
      expect(JSON.parse(content.toString())).toMatchObject({ number });
      const headers = properties.headers ?? {};
      expect(headers[header.id]).toBe(options.id ?? properties.messageId);
      expect(headers[header.correlationId]).toBe(headers[header.id]);
      expect(headers[header.subject]).toBe(`order/${number}`);
      expect(headers[header.causationId]).toBe(options.causationId);
      expect(headers[header.traceparent]).toBe(options.traceparent);
      expect(Object.keys(headers)).toHaveLength(
        ('x-delivery-count' in headers ? 1 : 0) + (number % 2 === 0 ? 9 : 7),
      );
    }
  });

  it('refuses what the schema refuses, and sends nothing', async () => {
    const error = await refusal(shop.bus.publish(ordered, { number: 1.5 }));
    expect(error).toMatchObject({ code: 'bus.invalid_message', temporary: false });
    expect(error.message).toContain('number');
    expect(await depth(shop.other, orders.name)).toBe(0);
  });

  it.each([
    [
      'a payload that the broker would not take',
      { number: 1, note: 'x'.repeat(90_000) },
      {},
      /bytes, at most 50000/,
    ],
    ['an id that AMQP cannot carry', { number: 1 }, { id: 'i'.repeat(256) }, /longer than 255 bytes/],
  ])('refuses %s, and disturbs nobody', async (_what, payload, options, words) => {
    const fine = shop.bus.publish(ordered, { number: 2 });
    const error = await refusal(shop.bus.publish(ordered, payload, options));
    expect(error).toMatchObject({ code: 'bus.invalid_message', temporary: false });
    expect(error.message).toMatch(words);
    await fine;
    await take(shop.other, orders.name);
  });

  it('confirms thousands that are published at once', async () => {
    const numbers = Array.from({ length: 3000 }, (_, number) => number);
    await Promise.all(numbers.map((number) => shop.bus.publish(ordered, { number })));
    await waitFor(async () => (await depth(shop.other, orders.name)) === 3000, { what: 'all messages' });
  });
});

describe('a message that reaches no queue', () => {
  it('comes back as unroutable where it is a command', async () => {
    const shop = await open('command');
    await deleteQueue(shop, orders.name);
    const error = await refusal(shop.bus.publish(ship, { number: 1 }));
    expect(error).toMatchObject({ code: 'bus.unroutable', temporary: true });
  });

  it('is kept where it is an event that the house waits for', async () => {
    const shop = await open('event');
    await deleteQueue(shop, orders.name);
    await shop.bus.publish(ordered, { number: 1 }, { id: 'kept' });
    expect((await take(shop.other, unroutedQueue)).properties.messageId).toBe('kept');
  });

  it('comes back where there is not even a place to keep it', async () => {
    const shop = await open('nowhere');
    await deleteQueue(shop, orders.name);
    await deleteQueue(shop, unroutedQueue);
    const error = await refusal(shop.bus.publish(ordered, { number: 1 }));
    expect(error).toMatchObject({ code: 'bus.unroutable', temporary: true });
  });

  it('is gone where the house does not wait for it', async () => {
    const shop = await open('unheard');
    await shop.bus.publish(browsed, { number: 1 });
    expect(await depth(shop.other, unroutedQueue)).toBe(0);
  });
});

describe('a full queue', () => {
  it('is never confirmed into: what was confirmed is there', async () => {
    const shop = await open('full', { queueBytes: 20_000 });
    let confirmed = 0;
    const refused: AppError[] = [];
    for (let number = 0; number < 500 && refused.length === 0; number++) {
      await shop.bus.publish(ordered, { number, note: 'x'.repeat(1000) }).then(
        () => (confirmed += 1),
        (error: AppError) => refused.push(error),
      );
    }
    expect(refused[0]).toMatchObject({ code: 'bus.unavailable', temporary: true });
    expect(confirmed).toBeGreaterThan(0);
    expect(await depth(shop.other, orders.name)).toBe(confirmed);
  });
});

describe('a broken connection', () => {
  it('loses no confirmed message, and the bus comes back by itself', async () => {
    const shop = await open('broken');
    const confirmed = new Set<string>();
    const refusals: AppError[] = [];
    let next = 0;
    const dropped = new AbortController();
    const lane = async (): Promise<void> => {
      while (!dropped.signal.aborted) {
        const id = `m${next++}`;
        // A publisher that must not lose anything says it again, with the same id, until it is confirmed.
        while (!confirmed.has(id)) {
          await shop.bus.publish(ordered, { number: 1 }, { id }).then(
            () => confirmed.add(id),
            async (error: AppError) => {
              refusals.push(error);
              await pause(20);
            },
          );
        }
      }
    };
    const load = Promise.all(Array.from({ length: 20 }, lane));
    // The last confirms may come in one packet with the end: then nothing was in flight, and nothing is refused.
    const untilRefused = async (): Promise<boolean> => {
      await dropConnections(shop, 'shop publishing');
      return refusals.length > 0;
    };
    await waitFor(untilRefused, { what: 'publishes to notice', deadlineMs: 90_000, intervalMs: 500 });
    dropped.abort();
    await load;
    for (const error of refusals) expect(error).toMatchObject({ code: 'bus.unavailable', temporary: true });
    const seen = new Set<string>();
    const channel = await shop.other.createChannel();
    await channel.consume(
      orders.name,
      (message) => message && seen.add(String(message.properties.messageId)),
      {
        noAck: true,
      },
    );
    await waitFor(() => seen.size >= confirmed.size, { what: 'every confirmed message' });
    expect([...confirmed].filter((id) => !seen.has(id))).toEqual([]);
  }, 180_000);

  it('is made anew when the broker closes the channel because an exchange was deleted', async () => {
    const shop = await open('exchange');
    const channel = await shop.other.createChannel();
    await channel.deleteExchange('slipway.events');
    const error = await refusal(shop.bus.publish(ordered, { number: 1 }));
    expect(error).toMatchObject({ code: 'bus.unavailable', temporary: true });
    await waitFor(() => shop.bus.publish(ordered, { number: 2 }).then(() => true), { what: 'the exchange' });
  });
});

/** As an operator would: through the management plugin, as soon as it has heard of the connection. */
async function dropConnections({ api }: Shop, name: string): Promise<void> {
  interface Listed {
    readonly name: string;
    readonly client_properties: { readonly connection_name?: string };
  }
  await waitFor(
    async () => {
      const all = (await api('GET', 'vhosts/%v/connections')) as Listed[];
      const mine = all.filter((c) => c.client_properties.connection_name?.startsWith(name));
      for (const c of mine) await api('DELETE', `connections/${encodeURIComponent(c.name)}`);
      return mine.length > 0;
    },
    { what: `the connection ${name}` },
  );
}
