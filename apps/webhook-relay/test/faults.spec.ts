import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RabbitmqServer, startRabbitmq } from '#embedded';
import { waitFor } from '#lab';
import { eventId } from '../src/domain/event-id.js';
import { declareSink, openSink, type SunkEvent } from './event-sink.js';
import { startSender } from './persistent-sender.js';
import { type RunningRelay, startRelay } from './running-relay.js';
import { standardSignature } from './signatures.js';
import { secrets, signingKey } from './sources.js';

// Real: the relay as a process, HTTP, a RabbitMQ of this file's own, which is stopped, frozen and starved.
const directory = mkdtempSync(join(tmpdir(), 'slipway-faults-'));
let broker: RabbitmqServer;
let relay: RunningRelay;

const rate = { perSecond: 100_000, burst: 100_000 };
const sources = [{ name: 'generic', kind: 'standard-webhooks', secrets: [{ env: 'SIGNING' }], rate }];
const newRelay = () => startRelay({ amqpUrl: broker.url, sources, secrets });

beforeAll(async () => {
  broker = await startRabbitmq({ directory });
  relay = await newRelay();
  await declareSink(broker.url);
}, 180_000);

afterAll(async () => {
  await relay.kill('SIGKILL');
  await broker.kill();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const idOf = (key: string): string => eventId('generic', key, 0);

async function take(): Promise<readonly SunkEvent[]> {
  const sink = await waitFor(() => openSink(broker.url), { what: 'the broker', deadlineMs: 60_000 });
  const events = await sink.take();
  await sink.close();
  return events;
}

/** Ids of the events that one delivery gave; a broker may hand out again what a sink before had taken. */
async function idsOf(key: string): Promise<readonly string[]> {
  const events = await take();
  return events
    .filter(({ payload }) => JSON.stringify(payload['data']) === JSON.stringify({ key }))
    .map(({ id }) => id);
}

function post(key: string) {
  const body = JSON.stringify({ type: 'tick', data: { key } });
  return relay.post('generic', body, standardSignature(signingKey, key, body));
}

describe('a relay that is killed', () => {
  it('after the confirm has lost nothing, and the same delivery has the same id', async () => {
    expect((await post('killed-after')).status).toBe(202);
    await relay.kill('SIGKILL');
    relay = await newRelay();
    expect((await post('killed-after')).status).toBe(202);
    expect(await idsOf('killed-after')).toEqual([idOf('killed-after'), idOf('killed-after')]);
  }, 120_000);

  it('before the confirm has answered nothing, and what the sender sends again has the same id', async () => {
    await broker.pause();
    const outcome = post('killed-before').then(
      ({ status }) => status,
      () => 'no answer',
    );
    const sent = async () =>
      (await (await fetch(`${relay.url}/metrics`)).text()).includes('slipway_bus_published_total');
    await waitFor(sent, { what: 'the delivery on its way' });
    await relay.kill('SIGKILL');
    expect(await outcome).toBe('no answer');
    broker.resume();
    relay = await newRelay();
    expect((await post('killed-before')).status).toBe(202);
    expect(new Set(await idsOf('killed-before'))).toEqual(new Set([idOf('killed-before')]));
  }, 120_000);

  it('again and again under load loses nothing that it accepted', async () => {
    const sender = startSender({ relayUrl: () => relay.url, secret: signingKey, workers: 8, pauseMs: 5 });
    for (let kills = 0; kills < 3; kills++) {
      const before = sender.accepted.size;
      await waitFor(() => sender.accepted.size > before + 50, { what: '50 deliveries', deadlineMs: 60_000 });
      await relay.kill('SIGKILL');
      relay = await newRelay();
    }
    await sender.finish();
    const kept = new Set((await take()).map(({ id }) => id));
    expect([...sender.accepted].filter((key) => !kept.has(idOf(key)))).toEqual([]);
  }, 180_000);
});

describe('a broker', () => {
  it('that is stopped for 20 s under load loses no accepted delivery, and meanwhile nothing is accepted', async () => {
    const sender = startSender({ relayUrl: () => relay.url, secret: signingKey, workers: 8, pauseMs: 10 });
    await waitFor(() => sender.accepted.size > 100, { what: 'load', deadlineMs: 60_000 });
    await broker.stop();
    const stoppedAt = Date.now();
    const refused = (): number => sender.statuses.get(503) ?? 0;
    // The outage that is promised to be borne, and so long that all eight senders were refused in it.
    await waitFor(() => Date.now() - stoppedAt >= 20_000 && refused() > 8, {
      what: 'the end of the outage',
      deadlineMs: 60_000,
    });
    const startedAt = Date.now();
    await broker.restart();
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
    const kept = new Set((await take()).map(({ id }) => id));
    expect([...sender.accepted].filter((key) => !kept.has(idOf(key)))).toEqual([]);
  }, 240_000);

  it('that freezes, its connections open, is answered 503 for until it goes on', async () => {
    await broker.pause();
    const answer = await post('frozen');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    broker.resume();
    const again = async () => (await post('frozen')).status === 202;
    await waitFor(again, { what: 'the delivery accepted', deadlineMs: 60_000 });
    expect(new Set(await idsOf('frozen'))).toEqual(new Set([idOf('frozen')]));
  }, 120_000);

  it('that is out of memory is answered 503 for until it is not', async () => {
    const settings = join(directory, 'rabbitmq.conf');
    const usual = readFileSync(settings, 'utf8');
    appendFileSync(settings, 'vm_memory_high_watermark.absolute = 1MB\n');
    await broker.restart();
    const answer = await post('starved');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    const ready = await fetch(`${relay.url}/health/ready`);
    expect(ready.status).toBe(503);
    writeFileSync(settings, usual);
    await broker.restart();
    const again = async () => (await post('starved')).status === 202;
    await waitFor(again, { what: 'the delivery accepted', deadlineMs: 60_000 });
    expect(new Set(await idsOf('starved'))).toEqual(new Set([idOf('starved')]));
  }, 180_000);
});

describe('a relay that starts before its broker', () => {
  it('is alive, not ready, and answers 503 until the broker is there', async () => {
    await relay.kill();
    await broker.stop();
    relay = await startRelay({ amqpUrl: broker.url, sources, secrets, spawn: { until: 'alive' } });
    expect((await post('early')).status).toBe(503);
    expect((await fetch(`${relay.url}/health/ready`)).status).toBe(503);
    await broker.restart();
    const again = async () => (await post('early')).status === 202;
    await waitFor(again, { what: 'the delivery accepted', deadlineMs: 60_000 });
  }, 180_000);
});
