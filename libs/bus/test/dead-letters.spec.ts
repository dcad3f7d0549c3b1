import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectBus, policy, silentLogger, type Bus, type HandlerContext } from '#bus';
import { imageDeleted, imagePushed, queues, type Queue } from '#contracts';
import { permanent } from '#errors';
import { isolatedVhost, waitFor } from '#lab';
import type { ChannelModel } from 'amqplib';
import type { DeadLetter } from '../src/dead-letters/dead-letter.js';
import { deadQueue, unroutedQueue } from '../src/topology.js';
import { depth, outsider } from './house.js';

// Real: RabbitMQ, the house's own contracts, the command as a process.
const queue = queues.publisherImages;
const image = { registry: 'docker.io', repository: 'library/alpine', source: 'hub', verified: false };

describe('the command dead-letters', () => {
  let url: string;
  let bus: Bus;
  let other: ChannelModel;
  const seen: HandlerContext[] = [];
  let refusing = true;

  beforeAll(async () => {
    ({ url } = await isolatedVhost(import.meta.url));
    bus = connectBus({ url, service: queue.service, logger: silentLogger });
    const usual = policy({ attempts: 1 });
    const handle = (_payload: unknown, context: HandlerContext): Promise<void> => {
      seen.push(context);
      return refusing ? Promise.reject(permanent('publisher.refused', 'not now')) : Promise.resolve();
    };
    bus.consume(
      queue,
      queue.hears.map((message) => ({ message, policy: usual, handle })),
    );
    await waitFor(() => bus.state().ready, { what: 'the bus' });
    other = await outsider(url);
  }, 60_000);
  afterAll(async () => void (await Promise.all([bus.close(), other.close()])));
  beforeEach(async () => {
    refusing = true;
    seen.length = 0;
    const channel = await other.createChannel();
    for (const name of [deadQueue(queue.name), unroutedQueue]) await channel.purgeQueue(name);
    await channel.close();
  });

  const command = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const main = fileURLToPath(new URL('../src/dead-letters/main.js', import.meta.url));
    try {
      const env = { PATH: process.env['PATH'], SLIPWAY_AMQP_URL: url };
      return { code: 0, ...(await promisify(execFile)(process.execPath, [main, ...args], { env })) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };
  const bury = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await bus.publish(imagePushed, { ...image, tag: id }, { id });
    await waitFor(async () => (await depth(other, deadQueue(queue.name))) === ids.length, {
      what: 'the dead',
    });
  };

  it('lists what was given up and why, and leaves it there', async () => {
    await bury('a', 'b');
    for (let look = 0; look < 2; look++) {
      const { code, stdout } = await command('list', '--json');
      expect(code).toBe(0);
      const letters = JSON.parse(stdout) as DeadLetter[];
      expect(letters.map(({ id }) => id).sort()).toEqual(['a', 'b']);
      expect(letters[0]).toMatchObject({
        queue: queue.name,
        type: imagePushed.type,
        subject: expect.stringContaining('docker.io/library/alpine:') as string,
        reason: 'permanent',
        code: 'publisher.refused',
        message: 'not now',
        attempt: 1,
        exchange: 'slipway.events',
        routingKey: 'image.pushed.v1',
      });
    }
    expect((await command('list')).stdout).toMatch(/cvmfs-publisher\.images {2}a {2}.*publisher\.refused/);
  });

  it('shows one of them whole', async () => {
    await bury('a');
    const { stdout } = await command('show', queue.name, 'a', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ id: 'a', payload: { ...image, tag: 'a' } });
  });

  it('replays one into the queue that gave it up, with its id and a fresh count of attempts', async () => {
    await bury('a', 'b');
    refusing = false;
    seen.length = 0;
    const { code, stdout } = await command('replay', queue.name, 'b', '--json');
    expect({ code, stdout: JSON.parse(stdout) as unknown }).toEqual({ code: 0, stdout: { replayed: 1 } });
    await waitFor(() => seen.length === 1, { what: 'the replayed message' });
    expect(seen[0]).toMatchObject({
      id: 'b',
      attempt: 1,
      type: imagePushed.type,
      subject: expect.any(String) as string,
    });
    await waitFor(async () => (await depth(other, deadQueue(queue.name))) === 1, { what: 'the other one' });
  });

  it('replays all of them, and what fails again is a dead letter again', async () => {
    await bury('a', 'b', 'c');
    expect((await command('replay', queue.name, '--all')).stdout).toBe(`replayed 3 into ${queue.name}\n`);
    await waitFor(async () => seen.length === 6 && (await depth(other, deadQueue(queue.name))) === 3, {
      what: 'all',
    });
  });

  it('publishes anew what reached no queue', async () => {
    refusing = false;
    const channel = await other.createChannel();
    const hearing = Object.values<Queue>(queues).filter(({ hears }) => hears.includes(imageDeleted));
    for (const { name } of hearing)
      await channel.unbindQueue(name, 'slipway.events', imageDeleted.routingKey);
    await bus.publish(imageDeleted, image, { id: 'lost' });
    await waitFor(async () => (await depth(other, unroutedQueue)) === 1, { what: 'the unrouted' });
    for (const { name } of hearing) await channel.bindQueue(name, 'slipway.events', imageDeleted.routingKey);
    expect((await command('replay', unroutedQueue, '--all')).code).toBe(0);
    await waitFor(() => seen.some(({ id }) => id === 'lost'), { what: 'the message' });
    expect(await depth(other, unroutedQueue)).toBe(0);
    await channel.close();
  });

  it('drops what is not wanted any more', async () => {
    await bury('a', 'b');
    expect((await command('drop', queue.name, 'a')).stdout).toBe(`dropped 1 of ${queue.name}\n`);
    const { stdout } = await command('list', queue.name, '--json');
    expect((JSON.parse(stdout) as DeadLetter[]).map(({ id }) => id)).toEqual(['b']);
  });

  it('says by its exit status what went wrong', async () => {
    expect(await command('show', queue.name, 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('dead_letters.not_found') as string,
    });
    expect((await command('list', 'no.such.queue')).code).toBe(1);
    expect((await command('bury')).code).toBe(2);
    expect((await command('drop', queue.name)).code).toBe(2);
    expect((await command('drop', queue.name, 'a', '--all')).code).toBe(2);
    expect(await command('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage') as string,
    });
  });
});
