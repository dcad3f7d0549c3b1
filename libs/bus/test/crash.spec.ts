import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectBus, silentLogger } from '#bus';
import { isolatedVhost, waitFor } from '#lab';
import { header } from '../src/envelope.js';
import { deadQueue, suspectsQueue } from '../src/topology.js';
import { depth, house, ordered, orders, outsider, take } from './house.js';

// Real: RabbitMQ, and a consumer that is a process of its own and is killed.
interface Warehouse {
  readonly url: string;
  /** Ids of the messages handled so far, each as often as it was handled. */
  handled(): string[];
  /** Starts the consumer again whenever it dies, until `stop`. */
  supervise(): void;
  deaths(): number;
  kill(): void;
  stop(): Promise<void>;
}

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => void (await Promise.all(opened.splice(0).map((close) => close()))));

async function warehouse(suffix: string): Promise<Warehouse> {
  const { url } = await isolatedVhost(import.meta.url, suffix);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bus-crash-'));
  const file = join(directory, 'handled');
  let child: ChildProcess | undefined;
  let [deaths, stopped] = [0, false];
  const start = (): void => {
    child = fork(new URL('./crashing-warehouse.js', import.meta.url), [url, file]);
    child.once('exit', () => {
      if (stopped) return;
      deaths += 1;
      start();
    });
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  };
  opened.push(stop);
  return {
    url,
    handled: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []),
    supervise: start,
    deaths: () => deaths,
    kill: () => void child?.kill('SIGKILL'),
    stop,
  };
}

async function fill({ url }: Warehouse, notes: readonly string[]): Promise<string[]> {
  const bus = connectBus({ url, service: 'shop', logger: silentLogger, house });
  await bus.started();
  const ids = notes.map((note, number) => `${note}-${number}`);
  await Promise.all(
    notes.map((note, number) => bus.publish(ordered, { number, note }, { id: `${note}-${number}` })),
  );
  await bus.close();
  return ids;
}

describe('a message that kills its process', () => {
  it('becomes a dead letter alone: its neighbours are handled', async () => {
    const shop = await warehouse('poison');
    const notes = Array.from({ length: 200 }, (_, number) => (number === 30 ? 'poison' : 'fine'));
    const ids = await fill(shop, notes);
    const other = await outsider(shop.url);
    opened.push(() => other.close());
    shop.supervise();

    await waitFor(async () => (await depth(other, deadQueue(orders.name))) > 0, {
      what: 'the dead letter',
      deadlineMs: 60_000,
    });
    const fine = ids.filter((id) => !id.startsWith('poison'));
    const missing = (): string[] => {
      const handled = new Set(shop.handled());
      return fine.filter((id) => !handled.has(id));
    };
    await waitFor(() => missing().length === 0, { what: 'the neighbours', deadlineMs: 30_000 });
    await shop.stop();
    const dead = await take(other, deadQueue(orders.name));
    expect(dead.properties.messageId).toBe('poison-30');
    expect(dead.properties.headers).toMatchObject({
      [header.deadReason]: 'crashed',
      [header.deadCode]: 'bus.consumer_crashed',
    });
    expect(await depth(other, deadQueue(orders.name))).toBe(0);
    // A few deaths, not an endless loop.
    expect(shop.deaths()).toBeLessThanOrEqual(7);
  }, 120_000);
});

describe('a consumer killed again and again', () => {
  it('loses no message, at whatever step it dies', async () => {
    const shop = await warehouse('killed');
    const notes = Array.from({ length: 600 }, (_, number) => (number % 2 === 0 ? 'fine' : 'once more'));
    const ids = await fill(shop, notes);
    const other = await outsider(shop.url);
    opened.push(() => other.close());
    shop.supervise();
    for (let kills = 0; kills < 4; kills++) {
      const before = shop.handled().length;
      await waitFor(() => shop.handled().length > before + 20, { what: 'some progress', deadlineMs: 30_000 });
      // At no particular step: the moment differs in every round and run.
      await pause(Math.random() * 100);
      shop.kill();
    }
    await waitFor(
      () => {
        const handled = new Set(shop.handled());
        return ids.every((id) => handled.has(id));
      },
      { what: 'every message', deadlineMs: 60_000 },
    );
    await waitFor(async () => (await depth(other, suspectsQueue(orders.name))) === 0, {
      what: 'the suspects',
    });
    expect(await depth(other, deadQueue(orders.name))).toBe(0);
  }, 120_000);
});
