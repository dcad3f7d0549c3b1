import { waitFor } from '#lab';
import { FaultWorld, idOf } from './fault-world.js';

// Real: the relay as a process, HTTP, a RabbitMQ of this file's own, which is frozen.
let world: FaultWorld;

beforeAll(async () => {
  world = await FaultWorld.create();
}, 180_000);
afterAll(() => world.close(), 60_000);

describe('a relay that is killed', () => {
  it('after the confirm has lost nothing, and the same delivery has the same id', async () => {
    expect((await world.post('killed-after')).status).toBe(202);
    await world.relay.kill('SIGKILL');
    await world.startRelay();
    expect((await world.post('killed-after')).status).toBe(202);
    expect(await world.idsOf('killed-after')).toEqual([idOf('killed-after'), idOf('killed-after')]);
  }, 120_000);

  it('before the confirm has answered nothing, and what the sender sends again has the same id', async () => {
    await world.broker.pause();
    const outcome = world.post('killed-before').then(
      ({ status }) => status,
      () => 'no answer',
    );
    const sent = async () =>
      (await (await fetch(`${world.relay.url}/metrics`)).text()).includes('slipway_bus_published_total');
    await waitFor(sent, { what: 'the delivery on its way' });
    await world.relay.kill('SIGKILL');
    expect(await outcome).toBe('no answer');
    world.broker.resume();
    await world.startRelay();
    expect((await world.post('killed-before')).status).toBe(202);
    expect(new Set(await world.idsOf('killed-before'))).toEqual(new Set([idOf('killed-before')]));
  }, 120_000);

  it('again and again under load loses nothing that it accepted', async () => {
    const sender = world.startSender(5);
    for (let kills = 0; kills < 3; kills++) {
      const before = sender.accepted.size;
      await waitFor(() => sender.accepted.size > before + 50, { what: '50 deliveries', deadlineMs: 60_000 });
      await world.relay.kill('SIGKILL');
      await world.startRelay();
    }
    await sender.finish();
    expect(await world.lost(sender.accepted.keys())).toEqual([]);
  }, 180_000);
});

describe('a broker', () => {
  it('that freezes, its connections open, is answered 503 for until it goes on', async () => {
    await world.broker.pause();
    const answer = await world.post('frozen');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    world.broker.resume();
    await world.isAccepted('frozen');
    expect(new Set(await world.idsOf('frozen'))).toEqual(new Set([idOf('frozen')]));
  }, 120_000);
});
