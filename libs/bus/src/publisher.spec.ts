import { EventEmitter } from 'node:events';
import type { ConfirmChannel } from 'amqplib';
import { temporary } from '#errors';
import { defaultLimits, type BusLimits } from './options.js';
import { Publisher } from './publisher.js';

// Stands in for a channel: confirms when told. What a broker does is tested in ../test.
class StandIn extends EventEmitter {
  readonly connection = {};
  readonly sent: { key: string; id: string; confirm: (error: unknown) => void }[] = [];

  publish(
    _exchange: string,
    key: string,
    _content: Buffer,
    options: { messageId: string },
    confirm: () => void,
  ): boolean {
    this.sent.push({ key, id: options.messageId, confirm });
    return true;
  }
}

interface Set_ {
  readonly publisher: Publisher;
  readonly channel: StandIn;
  readonly open: () => void;
  readonly say: (id: string) => Promise<string>;
}

const opened: Publisher[] = [];
afterEach(() => {
  for (const publisher of opened.splice(0)) {
    publisher.lost(temporary('bus.unavailable', 'the test is over'));
    void publisher.flush();
  }
});

function publisherWith(limits: Partial<BusLimits> = {}): Set_ {
  const publisher = new Publisher({ ...defaultLimits, sendMs: 60, confirmMs: 60, ...limits });
  opened.push(publisher);
  const channel = new StandIn();
  return {
    publisher,
    channel,
    open: () => publisher.open(channel as unknown as ConfirmChannel),
    say: (id) =>
      publisher.publish('exchange', 'key', Buffer.from('{}'), { messageId: id }).then(
        () => 'confirmed',
        (error: Error) => error.message,
      ),
  };
}

describe('the publisher', () => {
  it('has no more in flight than the window, and sends the next with each confirm', async () => {
    const { publisher, channel, open, say } = publisherWith({ inFlight: 2 });
    open();
    const said = ['a', 'b', 'c'].map(say);
    expect(channel.sent.map(({ id }) => id)).toEqual(['a', 'b']);
    expect([publisher.inFlightCount, publisher.waitingCount]).toEqual([2, 1]);
    channel.sent[0]?.confirm(null);
    expect(channel.sent.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    for (const { confirm } of channel.sent.slice(1)) confirm(null);
    expect(await Promise.all(said)).toEqual(['confirmed', 'confirmed', 'confirmed']);
  });

  it('has no more bytes in flight than allowed, but never fewer than one message', () => {
    const { channel, open, say } = publisherWith({ inFlightBytes: 1 });
    open();
    void say('a');
    void say('b');
    expect(channel.sent).toHaveLength(1);
  });

  it('keeps what is said before the connection, in order, up to the length of the line', async () => {
    const { channel, open, say } = publisherWith({ waiting: 2 });
    const said = ['a', 'b', 'c'].map(say);
    expect(await said[2]).toMatch(/2 messages wait already; not sent/);
    open();
    expect(channel.sent.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('says that a message was not sent when it waited in vain, and refuses at once in a long outage', async () => {
    const { say } = publisherWith();
    expect(await say('a')).toMatch(/no connection to the broker: not connected yet; not sent/);
    // Timers and the clock may differ by a millisecond: at the end of the wait it may not count as long yet.
    const deadline = Date.now() + 5_000;
    for (let said: unknown = 'waits'; said === 'waits' && Date.now() < deadline;) {
      const waits = new Promise((resolve) => setImmediate(resolve, 'waits'));
      said = await Promise.race([say('b'), waits]);
      if (said !== 'waits') expect(said).toMatch(/not sent/);
    }
    expect(Date.now()).toBeLessThan(deadline);
  });

  it('says that the outcome is unknown when no confirm comes, and bears the late one', async () => {
    const { publisher, channel, open, say } = publisherWith();
    open();
    expect(await say('a')).toMatch(/no confirm within 0.06 s; the outcome is unknown/);
    expect(publisher.inFlightCount).toBe(1);
    channel.sent[0]?.confirm(null);
    expect(publisher.inFlightCount).toBe(0);
  });

  it('says that the outcome is unknown when the channel ends, and that it was refused when nacked', async () => {
    const { publisher, channel, open, say } = publisherWith();
    open();
    const [lost, nacked] = [say('a'), say('b')];
    channel.sent[1]?.confirm(new Error('message nacked'));
    publisher.lost(temporary('bus.unavailable', 'gone'));
    expect(await nacked).toMatch(/a queue is full or failing/);
    expect(await lost).toMatch(/outcome is unknown.*gone/);
  });

  it('tells the returned message from the others in flight', async () => {
    const { channel, open, say } = publisherWith();
    open();
    const said = ['a', 'b', 'c'].map(say);
    channel.emit('return', { properties: { messageId: 'b' }, fields: { routingKey: 'key' } });
    for (const { confirm } of channel.sent) confirm(null);
    expect(await Promise.all(said)).toEqual(['confirmed', 'no queue takes key from exchange', 'confirmed']);
  });

  it('sends nothing while the broker blocks, and goes on after it', async () => {
    const { publisher, channel, open, say } = publisherWith({ sendMs: 10_000 });
    open();
    publisher.setBlocked('low on memory');
    const said = say('a');
    expect(channel.sent).toHaveLength(0);
    publisher.setBlocked(undefined);
    channel.sent[0]?.confirm(null);
    expect(await said).toBe('confirmed');
  });

  it('is flushed when everything is settled, and takes nothing more', async () => {
    const { publisher, channel, open, say } = publisherWith({ confirmMs: 10_000 });
    open();
    const said = say('a');
    let flushed = false;
    const flushing = publisher.flush().then(() => (flushed = true));
    expect(await say('b')).toMatch(/closed; not sent/);
    expect(flushed).toBe(false);
    channel.sent[0]?.confirm(null);
    await flushing;
    expect(await said).toBe('confirmed');
  });
});
