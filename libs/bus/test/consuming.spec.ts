import { setTimeout as pause } from 'node:timers/promises';
import {
  connectBus,
  policy,
  silentLogger,
  type Bus,
  type BusLimits,
  type HandlerContext,
  type Policy,
} from '#bus';
import { isolatedVhost, waitFor } from '#lab';
import type { Channel, ChannelModel, Options } from 'amqplib';
import { header, toHeaders } from '../src/envelope.js';
import type { QueueConsumer } from '../src/queue-consumer.js';
import { deadQueue, retryQueue } from '../src/topology.js';
import { depth, house, longEnough, ordered, orders, outsider, ship, take } from './house.js';

// Real: RabbitMQ. The bus's own consumer, without Nest.
interface Open {
  readonly url: string;
  readonly bus: Bus;
  readonly consumer: QueueConsumer;
  readonly other: ChannelModel;
}

const opened: (() => Promise<unknown>)[] = [];
afterAll(async () => void (await Promise.all(opened.map((close) => close()))));

type Handle = (payload: { number: number; note: string }, context: HandlerContext) => Promise<unknown>;

async function open(
  suffix: string,
  handle: Handle,
  differs: Partial<Policy> = {},
  limits: Partial<BusLimits> = {},
): Promise<Open> {
  const { url } = await isolatedVhost(import.meta.url, suffix);
  const bus = connectBus({ url, service: 'warehouse', logger: silentLogger, house, limits });
  await bus.started();
  const usual = policy({ attempts: 2, delays: ['10s'], ...differs });
  const consumer = bus.consume(orders, [
    { message: ordered, policy: usual, handle },
    { message: ship, policy: usual, handle },
  ]);
  await waitFor(() => bus.state().ready, { what: 'the consumer' });
  const other = await outsider(url);
  opened.push(
    () => bus.close(),
    () => other.close(),
  );
  return { url, bus, consumer, other };
}

async function raw({ other }: Open, content: string | Buffer, options: Options.Publish): Promise<void> {
  const channel = await other.createConfirmChannel();
  channel.publish('slipway.requeue', orders.name, Buffer.from(content), options);
  await channel.waitForConfirms();
  await channel.close();
}

const envelope = (type: string) =>
  toHeaders({
    id: 'raw',
    source: '/elsewhere',
    type,
    subject: undefined,
    time: new Date().toISOString(),
    correlationId: undefined,
    causationId: undefined,
    traceparent: undefined,
  });

describe('what cannot be handled at all', () => {
  const json = 'application/json';
  it.each([
    ['is no CloudEvent', 'undecodable', '{}', { contentType: json }],
    [
      'is not JSON by its type',
      'undecodable',
      '{}',
      { contentType: 'text/plain', headers: envelope(ordered.type) },
    ],
    ['is not JSON', 'undecodable', '{"number":', { contentType: json, headers: envelope(ordered.type) }],
    [
      'is not UTF-8',
      'undecodable',
      Buffer.from([0x22, 0xff, 0x22]),
      { contentType: json, headers: envelope(ordered.type) },
    ],
    [
      'has a type that nobody knows',
      'unknown_type',
      '{}',
      { contentType: json, headers: envelope('org.other') },
    ],
    [
      'is not what its schema says',
      'invalid',
      '{"number":"one"}',
      { contentType: json, headers: envelope(ordered.type) },
    ],
  ])('is dead-lettered at once with its body when it %s', async (what, reason, content, options) => {
    const handle = jest.fn(() => Promise.resolve());
    const shop = await open(`unhandled ${what}`, handle);
    await raw(shop, content, options);
    const dead = await take(shop.other, deadQueue(orders.name));
    expect(dead.properties.headers).toMatchObject({
      [header.deadReason]: reason,
      [header.attempt]: 1,
      [header.exchange]: 'slipway.requeue',
    });
    expect(dead.content).toEqual(Buffer.from(content));
    expect(handle).not.toHaveBeenCalled();
  });
});

describe('a handler that hangs', () => {
  it('is given up, told so, and its message tried again', async () => {
    const signals: AbortSignal[] = [];
    const shop = await open(
      'hangs',
      ({ note }, { signal }) => {
        if (note === 'fine') return Promise.resolve();
        signals.push(signal);
        return new Promise(() => {});
      },
      { timeoutSeconds: 0.3 },
    );
    await shop.bus.publish(ordered, { number: 1 });
    const dead = await take(shop.other, deadQueue(orders.name));
    expect(dead.properties.headers).toMatchObject({
      [header.deadCode]: 'bus.handler_timeout',
      [header.deadReason]: 'exhausted',
      [header.attempt]: 2,
    });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });
});

describe('a message that waits for its next try', () => {
  it('blocks nobody', async () => {
    const done: number[] = [];
    const shop = await open(
      'waits',
      ({ number }, { attempt }) => {
        if (number === 1 && attempt === 1) return Promise.reject(new Error('not yet'));
        done.push(number);
        return Promise.resolve();
      },
      { delays: ['1h'], prefetch: 1 },
    );
    await shop.bus.publish(ordered, { number: 1 });
    await waitFor(async () => (await depth(shop.other, retryQueue('1h'))) === 1, { what: 'the wait' });
    await shop.bus.publish(ordered, { number: 2 });
    await waitFor(() => done.length === 2, { what: 'both' });
    expect(done).toEqual([2, 1]);
  });
});

describe('concurrency', () => {
  it('is never more than the policy says, and everything is handled', async () => {
    let [running, most, done] = [0, 0, 0];
    const shop = await open(
      'concurrency',
      async () => {
        most = Math.max(most, ++running);
        await pause(5);
        running -= 1;
        done += 1;
      },
      { prefetch: 30, concurrency: 3 },
    );
    await Promise.all(Array.from({ length: 100 }, (_, number) => shop.bus.publish(ordered, { number })));
    await waitFor(() => done === 100, { what: 'all' });
    expect(most).toBe(3);
  });
});

describe('a consumer', () => {
  it('is back within 5 s after its queue was deleted, and the queue too', async () => {
    const done: number[] = [];
    const shop = await open('deleted', ({ number }) => Promise.resolve(done.push(number)));
    const channel = await shop.other.createChannel();
    await channel.deleteQueue(orders.name);
    await waitFor(() => !shop.consumer.reading, { what: 'the consumer to notice' });
    await waitFor(() => shop.consumer.reading, { what: 'the consumer', deadlineMs: 30_000 });
    await shop.bus.publish(ordered, { number: 1 });
    await waitFor(() => done.length === 1, { what: 'the message' });
  });

  it('is back within 5 s after the broker closed its channel', async () => {
    const done: number[] = [];
    const shop = await open('channel', ({ number }) => Promise.resolve(done.push(number)));
    // Acknowledging what was never delivered is answered by 406.
    const { main } = shop.consumer as unknown as { main: { channel: Channel } };
    main.channel.ack({ fields: { deliveryTag: 4711 } } as Parameters<Channel['ack']>[0]);
    await waitFor(() => !shop.consumer.reading, { what: 'the consumer to notice' });
    await waitFor(() => shop.consumer.reading, { what: 'the consumer', deadlineMs: 30_000 });
    await shop.bus.publish(ordered, { number: 1 });
    await waitFor(() => done.length === 1, { what: 'the message' });
  });
});

describe('closing the bus', () => {
  it('lets running handlers finish and publish; what they finished is not delivered again', async () => {
    let [started, finished] = [0, 0];
    const shop = await open('closing', async (_payload, { id }) => {
      if (id !== 'slow') return;
      started += 1;
      await pause(500);
      await shop.bus.publish(ordered, { number: 2 }, { id: 'answer' });
      finished += 1;
    });
    await shop.bus.publish(ordered, { number: 1 }, { id: 'slow' });
    await waitFor(() => started === 1, { what: 'the handler' });
    await shop.bus.close();
    expect(finished).toBe(1);
    expect(shop.bus.state()).toMatchObject({ status: 'closed', ready: false });
    expect((await take(shop.other, orders.name)).properties.messageId).toBe('answer');
    await longEnough();
    expect(await depth(shop.other, orders.name)).toBe(0);
    await expect(shop.bus.publish(ordered, { number: 3 })).rejects.toMatchObject({ code: 'bus.unavailable' });
  });

  it('gives back what a handler that never ends holds, once its time is over', async () => {
    const shop = await open('never', () => new Promise(() => {}), {}, { drainMs: 300 });
    await shop.bus.publish(ordered, { number: 1 }, { id: 'held' });
    await waitFor(() => shop.consumer.handling === 1, { what: 'the handler' });
    await shop.bus.close();
    expect((await take(shop.other, orders.name)).properties.messageId).toBe('held');
  });
});
