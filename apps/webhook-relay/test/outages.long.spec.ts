import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '#lab';
import { FaultWorld, idOf } from './fault-world.js';

// Real: the relay as a process, HTTP, a RabbitMQ of this file's own, which is stopped and starved.
let world: FaultWorld;

beforeAll(async () => {
  world = await FaultWorld.create();
}, 180_000);
afterAll(() => world.close(), 60_000);

describe('a broker', () => {
  it('that is stopped for 20 s under load loses no accepted delivery, and meanwhile nothing is accepted', async () => {
    const sender = world.startSender(10);
    await waitFor(() => sender.accepted.size > 100, { what: 'load', deadlineMs: 60_000 });
    await world.broker.stop();
    const stoppedAt = Date.now();
    const refused = (): number => sender.statuses.get(503) ?? 0;
    // The outage that is promised to be borne, and so long that all eight senders were refused in it.
    await waitFor(() => Date.now() - stoppedAt >= 20_000 && refused() > 8, {
      what: 'the end of the outage',
      deadlineMs: 60_000,
    });
    const startedAt = Date.now();
    await world.broker.restart();
    const during = sender.acceptedAt.filter((at) => at > stoppedAt && at < startedAt);
    expect(during).toEqual([]);
    const before = sender.accepted.size;
    await waitFor(() => sender.accepted.size > before + 100, {
      what: 'deliveries accepted again',
      deadlineMs: 60_000,
    });
    await sender.finish();
    expect(sender.rude()).toBe(0);
    // Every begun delivery was sent until it was accepted: nothing else was ever answered.
    expect(new Set(sender.statuses.keys())).toEqual(new Set([202, 503]));
    expect(await world.lost(sender.accepted.keys())).toEqual([]);
  }, 240_000);

  it('that is out of memory is answered 503 for until it is not', async () => {
    const settings = join(world.directory, 'rabbitmq.conf');
    const usual = readFileSync(settings, 'utf8');
    appendFileSync(settings, 'vm_memory_high_watermark.absolute = 1MB\n');
    await world.broker.restart();
    const answer = await world.post('starved');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    const ready = await fetch(`${world.relay.url}/health/ready`);
    expect(ready.status).toBe(503);
    writeFileSync(settings, usual);
    await world.broker.restart();
    await world.isAccepted('starved');
    expect(new Set(await world.idsOf('starved'))).toEqual(new Set([idOf('starved')]));
  }, 180_000);
});

describe('a relay that starts before its broker', () => {
  it('is alive, not ready, and answers 503 until the broker is there', async () => {
    await world.relay.kill();
    await world.broker.stop();
    await world.startRelay('alive');
    expect((await world.post('early')).status).toBe(503);
    expect((await fetch(`${world.relay.url}/health/ready`)).status).toBe(503);
    await world.broker.restart();
    await world.isAccepted('early');
  }, 180_000);
});
