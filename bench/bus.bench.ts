import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queues } from '#contracts';
import { connectBus, silentLogger } from '#bus';
import { startRabbitmq } from '#embedded';
import { connect } from 'amqplib';
import { warmUp, type Figures } from './bus/message.js';
import { sideBySide, type Bench, type Row } from './report.js';

const units = { rate: 'messages/s', cpu: 'client CPU µs/message' };

/**
 * 1 KB `image.pushed` messages into and out of a quorum queue of an embedded RabbitMQ, 100 in flight. `consume` goes
 * through Nest as the services do, `consume-plain` through the bus alone. Arguments: messages per measurement, rounds.
 */
export const bench: Bench = {
  title: 'libs/bus beside amqplib alone, doing the same on the wire',
  bars: [
    { case: 'publish', metric: 'rate', peer: 'amqplib', atLeast: 0.9 },
    { case: 'publish', metric: 'cpu', peer: 'amqplib', atMost: 1.4 },
    { case: 'consume', metric: 'rate', peer: 'amqplib', atLeast: 0.8 },
    { case: 'consume', metric: 'cpu', peer: 'amqplib', atMost: 1.5 },
  ],
  async measure([messages = '30000', rounds = '3']) {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-bus-'));
    const broker = await startRabbitmq({ directory });
    try {
      await declare(broker.url);
      return await cases(broker.url, Number(messages), Number(rounds));
    } finally {
      await broker.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function cases(url: string, messages: number, rounds: number): Promise<Row[]> {
  const run = (contestant: string, size: number) => () => measured(contestant, url, size);
  const publish = await sideBySide({
    case: 'publish',
    units,
    rounds,
    ours: afterwards(url, run('slipway publish', messages)),
    peers: { amqplib: afterwards(url, run('amqplib publish', messages)) },
  });
  const consuming = (contestant: string) => async () => {
    await empty(url);
    await measured('amqplib publish', url, messages + 1000);
    return measured(contestant, url, messages);
  };
  const consume = await sideBySide({
    case: 'consume',
    units,
    rounds,
    ours: consuming('slipway consume'),
    peers: { amqplib: consuming('amqplib consume') },
  });
  const plain = await sideBySide({
    case: 'consume-plain',
    units,
    rounds,
    ours: consuming('slipway consume-plain'),
    peers: { amqplib: consuming('amqplib consume') },
  });
  return [...publish, ...consume, ...plain];
}

const afterwards = (url: string, run: () => Promise<Record<string, number>>) => async () => {
  const figures = await run();
  await empty(url);
  return { ...figures };
};

async function measured(contestant: string, url: string, messages: number): Promise<Record<string, number>> {
  const child = fork(new URL('./bus/contestant.js', import.meta.url), { stdio: 'inherit' });
  const answer = once(child, 'message');
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${contestant} ended before its ${messages + warmUp} messages were through`);
  });
  failed.catch(() => {});
  child.send({ contestant, url, messages });
  const [figures] = (await Promise.race([answer, failed])) as [Figures];
  return { ...figures };
}

async function declare(url: string): Promise<void> {
  const bus = connectBus({ url, service: 'bench', logger: silentLogger });
  await bus.started();
  await bus.close();
}

async function empty(url: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.purgeQueue(queues.publisherImages.name);
  await connection.close();
}
