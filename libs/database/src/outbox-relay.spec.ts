import { setImmediate as othersTurn } from 'node:timers/promises';
import { imageDeleted } from '#contracts';
import { isolatedSchema, waitFor } from '#lab';
import type { DataSource } from 'typeorm';
import { openDatabase } from './open-database.js';
import { OutboxMessage } from './outbox-message.entity.js';
import { OutboxRelay, type OutboxPublisher } from './outbox-relay.js';
import { createOutbox } from './outbox.migration.js';
import { addToOutbox } from './outbox.js';
import { holdAdvisoryLock } from './advisory-lock.js';

class OnlyOutbox1700000000000 {
  up = createOutbox;
  down = (): Promise<void> => Promise.resolve();
}

const deletion = (tag: string) => ({ registry: 'r.org', repository: 'a', tag, source: 's', verified: true });
const quiet = { warn: () => undefined };

/** A bus that confirms in a later turn, and how many it had to confirm at once. */
function counting() {
  const said: unknown[] = [];
  let [open, most] = [0, 0];
  const bus: OutboxPublisher = {
    publish: async (_, payload) => {
      said.push(payload);
      most = Math.max(most, (open += 1));
      // A broker answers when all that could be said at once, were there no limit, would be on its way.
      for (let turn = 0; turn < 40; turn++) await othersTurn();
      open -= 1;
    },
  };
  return { said, most: () => most, bus };
}

describe('the outbox, on a real PostgreSQL', () => {
  let dataSource: DataSource;
  let url: string;

  beforeAll(async () => {
    const isolated = await isolatedSchema(import.meta.url);
    ({ url } = isolated);
    dataSource = await openDatabase({
      ...isolated,
      entities: [OutboxMessage],
      migrations: [OnlyOutbox1700000000000],
    });
  });
  beforeEach(() => dataSource.query('truncate outbox'));
  afterAll(() => dataSource.destroy());

  const write = (...tags: string[]): Promise<void> =>
    dataSource.transaction(async (manager) => {
      for (const tag of tags) await addToOutbox(manager, { message: imageDeleted, payload: deletion(tag) });
    });
  const left = (): Promise<number> => dataSource.getRepository(OutboxMessage).count();

  it('says what was committed, in order, and strikes it out', async () => {
    const said: unknown[] = [];
    const bus: OutboxPublisher = { publish: async (_, payload) => void said.push(payload) };
    const relay = new OutboxRelay({ dataSource, bus, log: quiet });
    await write('v1', 'v2', 'v3');
    relay.start();
    await waitFor(async () => (await left()) === 0, { what: 'an empty outbox' });
    await relay.close();
    expect(said).toEqual([deletion('v1'), deletion('v2'), deletion('v3')]);
  });

  it('says nothing of what was rolled back', async () => {
    await expect(
      dataSource.transaction(async (manager) => {
        await addToOutbox(manager, { message: imageDeleted, payload: deletion('v1') });
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await left()).toBe(0);
  });

  it('says it again under the same id when the broker did not confirm', async () => {
    const ids: string[] = [];
    const bus: OutboxPublisher = {
      publish: async (_, __, { id }) => {
        ids.push(id);
        if (ids.length === 1) throw new Error('no confirm');
      },
    };
    const relay = new OutboxRelay({ dataSource, bus, log: quiet, intervalMs: 20 });
    await write('v1');
    relay.start();
    await waitFor(async () => (await left()) === 0, { what: 'an empty outbox' });
    await relay.close();
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('says soon what was committed while another copy was saying something', async () => {
    // No interval comes to the rescue.
    const intervalMs = 3_600_000;
    let speak = (): void => {};
    const spoken = new Promise<void>((resolve) => (speak = resolve));
    let isSpeaking = false;
    const slow: OutboxPublisher = {
      publish: () => {
        isSpeaking = true;
        return spoken;
      },
    };
    const heard: unknown[] = [];
    const prompt: OutboxPublisher = { publish: async (_, payload) => void heard.push(payload) };
    const one = new OutboxRelay({ dataSource, bus: slow, log: quiet, intervalMs });
    const other = new OutboxRelay({ dataSource, bus: prompt, log: quiet, intervalMs });
    await write('v1');
    one.start();
    await waitFor(() => isSpeaking, { what: 'the first to speak' });
    await write('v2');
    other.wake();
    speak();
    await waitFor(() => heard.length === 1, { what: 'the second message' });
    expect(heard).toEqual([deletion('v2')]);
    await Promise.all([one.close(), other.close()]);
  });

  it('says a thousand at once and no more, in order', async () => {
    const { said, most, bus } = counting();
    const relay = new OutboxRelay({ dataSource, bus, log: quiet });
    await dataSource.query(
      `insert into outbox (id, routing_key, payload)
       select gen_random_uuid(), $1, to_jsonb(n) from generate_series(1, 2500) as n`,
      [imageDeleted.routingKey],
    );
    relay.start();
    await waitFor(async () => (await left()) === 0, { what: 'an empty outbox' });
    await relay.close();
    expect(said).toEqual(Array.from({ length: 2_500 }, (_, n) => n + 1));
    expect(most()).toBe(1_000);
  });

  it('says few at once where they are large', async () => {
    const { said, most, bus } = counting();
    const relay = new OutboxRelay({ dataSource, bus, log: quiet });
    // What no compression makes smaller, a MiB each.
    await dataSource.query(
      `insert into outbox (id, routing_key, payload)
       select gen_random_uuid(), $1, (select to_jsonb(string_agg(md5(n::text || k), '')) from generate_series(1, 32768) as k)
       from generate_series(1, 12) as n`,
      [imageDeleted.routingKey],
    );
    relay.start();
    await waitFor(async () => (await left()) === 0, { what: 'an empty outbox' });
    await relay.close();
    expect(said).toHaveLength(12);
    expect(most()).toBeLessThan(12);
  });

  it('refuses to commit what does not fit its schema', async () => {
    const payload = { ...deletion('v1'), repository: 'NOT VALID' };
    await expect(
      dataSource.transaction((manager) => addToOutbox(manager, { message: imageDeleted, payload })),
    ).rejects.toMatchObject({ code: 'outbox.invalid_message', temporary: false });
  });

  it('lets one session hold a lock until it is released or dies', async () => {
    const first = await holdAdvisoryLock(url, 'lane a');
    await expect(holdAdvisoryLock(url, 'lane a')).resolves.toBeUndefined();
    const other = await holdAdvisoryLock(url, 'lane b');
    await other?.release();
    await first?.release();
    const second = await holdAdvisoryLock(url, 'lane a');
    expect(second?.lost.aborted).toBe(false);
    await dataSource.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and pid <> pg_backend_pid()`,
    );
    await waitFor(() => second?.lost.aborted === true, { what: 'the loss of the lock' });
  });
});
