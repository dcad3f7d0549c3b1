import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { DeliveryStore } from './delivery.store.js';
import { storage } from './index.js';
import { ResourceStore } from './resource.store.js';

// Real: PostgreSQL.
const author = { by: 'ada', via: 'session' };
const event = (id: string) => ({
  id,
  name: 'image.pushed',
  type: 'org.slipway.image.pushed.v1',
  time: '2026-01-01T00:00:00.000Z',
  body: `{"id":"${id}"}`,
});
const taken = { status: 204, reason: undefined, milliseconds: 1, waitMs: 0, state: 'delivered' as const };
const bounds = { underWay: new Map<string, number>(), perSubscription: 2, inAll: 100, leaseMs: 60_000 };

describe('deliveries', () => {
  let dataSource: DataSource;
  let store: DeliveryStore;
  let resources: ResourceStore;

  beforeAll(async () => {
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    store = new DeliveryStore(dataSource);
    resources = new ResourceStore(dataSource);
  });
  afterAll(() => dataSource.destroy());

  const subscription = async (name: string, spec: object | undefined = {}): Promise<string> => {
    const write = { kind: 'subscription' as const, name, spec, expected: 'anything' as const, author };
    const { id } = await dataSource.transaction((manager) => resources.write(manager, write));
    return id;
  };

  it('are dealt out in shares: each is taken once, and a long list keeps nobody waiting', async () => {
    const [long, short] = [await subscription('long'), await subscription('short')];
    for (const id of ['1', '2', '3', '4', '5']) await store.add([long], event(id));
    await store.add([short], event('6'));
    await store.add([short], event('6'));
    const claims = (await Promise.all([store.claim(bounds), store.claim(bounds)])).flat();
    const rest = await store.claim(bounds);
    const all = [...claims, ...rest].map(({ subscriptionId, eventId }) => `${subscriptionId} ${eventId}`);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((one) => one.startsWith(short))).toEqual([`${short} 6`]);
    expect(await store.claim({ ...bounds, underWay: new Map([[long, 2]]) })).toEqual([]);
  });

  it('are due again when nobody said what came of them, and late words change nothing', async () => {
    const id = await subscription('abandoned');
    await store.add([id], event('7'));
    const first = (await store.claim({ ...bounds, leaseMs: 0 })).find(({ eventId }) => eventId === '7');
    const again = (await store.claim(bounds)).find(({ eventId }) => eventId === '7');
    if (!first || !again) throw new Error('it was not due again');
    expect(again).toMatchObject({ eventId: '7', attempts: 2 });
    await store.finish(first, taken);
    expect((await store.list(id, { limit: 1 }))[0]?.shown).toMatchObject({ state: 'waiting' });
    expect(await store.replay(again.id)).toBe(false);
    await store.finish(again, taken);
    expect((await store.list(id, { limit: 1 }))[0]?.shown).toMatchObject({ state: 'delivered' });
  });

  it('go when they are old, and with their subscription', async () => {
    const [kept, removed] = [await subscription('kept'), await subscription('removed')];
    await store.add([kept, removed], event('8'));
    const due = (await store.claim(bounds)).find(({ subscriptionId }) => subscriptionId === kept);
    if (!due) throw new Error('it was not due');
    await store.finish(due, taken);
    await dataSource.transaction((manager) =>
      resources.write(manager, { kind: 'subscription', name: 'removed', expected: 'something', author }),
    );
    await store.sweep(new Date(Date.now() - 60_000));
    expect(await store.list(kept, { limit: 10 })).toHaveLength(1);
    expect(await store.list(removed, { limit: 10 })).toEqual([]);
    await store.sweep(new Date(Date.now() + 60_000));
    expect(await store.list(kept, { limit: 10 })).toEqual([]);
  });
});
