import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RabbitmqServer, startRabbitmq } from '#embedded';
import { waitFor } from '#lab';
import { eventId } from '../src/domain/event-id.js';
import { declareSink, openSink, type SunkEvent } from './event-sink.js';
import { type PersistentSender, startSender } from './persistent-sender.js';
import { type RunningRelay, startRelay } from './running-relay.js';
import { standardSignature } from './signatures.js';
import { secrets, signingKey } from './sources.js';

const rate = { perSecond: 100_000, burst: 100_000 };
const sources = [{ name: 'generic', kind: 'standard-webhooks', secrets: [{ env: 'SIGNING' }], rate }];

/** A relay as a process, and a RabbitMQ of the test's own, which it stops, freezes and starves. */
export class FaultWorld {
  private constructor(
    readonly directory: string,
    readonly broker: RabbitmqServer,
    /** The one that runs now. */
    public relay: RunningRelay,
  ) {}

  static async create(): Promise<FaultWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-faults-'));
    const broker = await startRabbitmq({ directory });
    const relay = await startRelay({ amqpUrl: broker.url, sources, secrets });
    await declareSink(broker.url);
    return new FaultWorld(directory, broker, relay);
  }

  async close(): Promise<void> {
    await this.relay.kill('SIGKILL');
    await this.broker.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The next relay, once the one before is gone. */
  async startRelay(until: 'alive' | 'ready' = 'ready'): Promise<void> {
    this.relay = await startRelay({ amqpUrl: this.broker.url, sources, secrets, spawn: { until } });
  }

  startSender(pauseMs: number): PersistentSender {
    return startSender({ relayUrl: () => this.relay.url, secret: signingKey, workers: 8, pauseMs });
  }

  post(key: string) {
    const body = JSON.stringify({ type: 'tick', data: { key } });
    return this.relay.post('generic', body, standardSignature(signingKey, key, body));
  }

  isAccepted(key: string): Promise<unknown> {
    const accepted = async (): Promise<boolean> => (await this.post(key)).status === 202;
    return waitFor(accepted, { what: 'the delivery accepted', deadlineMs: 60_000 });
  }

  /** Ids of the events that one delivery gave; a broker may hand out again what a sink before had taken. */
  async idsOf(key: string): Promise<readonly string[]> {
    const events = await this.take();
    return events
      .filter(({ payload }) => JSON.stringify(payload['data']) === JSON.stringify({ key }))
      .map(({ id }) => id);
  }

  /** What a sender was told is accepted, and what no event came of. */
  async lost(accepted: Iterable<string>): Promise<readonly string[]> {
    const kept = new Set((await this.take()).map(({ id }) => id));
    return [...accepted].filter((key) => !kept.has(idOf(key)));
  }

  private async take(): Promise<readonly SunkEvent[]> {
    const sink = await waitFor(() => openSink(this.broker.url), { what: 'the broker', deadlineMs: 60_000 });
    const events = await sink.take();
    await sink.close();
    return events;
  }
}

/** Of the event that a delivery of this key gives. */
export const idOf = (key: string): string => eventId('generic', key, 0);
