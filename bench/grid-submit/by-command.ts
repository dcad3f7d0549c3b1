import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { type Bus, connectBus, silentLogger } from '#bus';
import { exchanges, jobRequest, jobSubmit } from '#contracts';
import {
  directoryEnvironment,
  newKeyRing,
  partnersEnvironment,
  startPostgres,
  startRabbitmq,
} from '#embedded';
import { type Condor, type SpawnedService, spawnService } from '#lab';
import type { Figures } from '../report.js';
import { emptyQueue } from './queue.js';

/** A submitter with its broker and database before an HTCondor. */
export interface Submitter {
  readonly bus: Bus;
  /** Resolves when the submitter has said of so many jobs of the group that they are submitted. */
  readonly submitted: (groupId: string, jobs: number) => Promise<void>;
  readonly service: SpawnedService;
}

/** What ends each part is added to `closing` once it runs, so that a later one's failure leaves nothing behind. */
export async function startSubmitter(
  condor: Condor,
  directory: string,
  closing: (() => Promise<unknown>)[],
): Promise<Submitter> {
  const broker = await startRabbitmq({ directory: join(directory, 'rabbitmq') });
  closing.push(() => broker.stop());
  const postgres = await startPostgres({ directory: join(directory, 'postgres') });
  closing.push(() => postgres.stop());
  mkdirSync(join(directory, 'service'));
  const own = directoryEnvironment(join(directory, 'service'));
  const project = {
    name: 'bench',
    kind: 'repository',
    url: 'https://example.org/bench',
    backend: 'pool',
    limits: { jobs: 1_000_000 },
  };
  const backend = { name: 'pool', kind: 'htcondor', jobs: 1_000_000, tools: condor.bin };
  writeFileSync(own.SLIPWAY_CONFIG, JSON.stringify({ projects: [project], backends: [backend] }));
  const service = await spawnService('grid-submitter', {
    ...own,
    ...partnersEnvironment({
      amqpUrl: broker.url,
      keyRing: newKeyRing('bench'),
      postgres: { url: postgres.url },
    }),
    SLIPWAY_STATE_DIRECTORY: condor.workDirectory('submitter'),
    SLIPWAY_MONITOR_URL: 'http://monitor.example.org',
  });
  closing.push(() => service.kill('SIGKILL'));
  const bus = connectBus({ url: broker.url, service: 'test', logger: silentLogger });
  await bus.started();
  closing.push(() => bus.close());
  return { bus, service, submitted: await listen(broker.url, closing) };
}

/** From the command until the last of its jobs is said to be submitted. */
export async function byCommand(
  condor: Condor,
  { bus, submitted }: Submitter,
  jobs: number,
): Promise<Figures> {
  const groupId = randomUUID();
  const over = Array.from({ length: jobs }, (_, job) => `/store/data/set-${job}`);
  const asked = jobRequest.parse({
    project: 'bench',
    script: 'sleep 600',
    over,
    resources: { memory: '64 MiB' },
  });
  const all = submitted(groupId, jobs);
  const start = performance.now();
  await bus.publish(jobSubmit, {
    ...asked,
    items: [...asked.items],
    groupId,
    requestedBy: 'bench',
    requestedAt: new Date().toISOString(),
  });
  await all;
  const took = performance.now() - start;
  await emptyQueue(condor);
  return { submitted: took };
}

async function listen(url: string, closing: (() => Promise<unknown>)[]): Promise<Submitter['submitted']> {
  const connection = await connect(url);
  closing.push(() => connection.close());
  const channel = await connection.createChannel();
  await channel.assertExchange(exchanges.events, 'topic', {
    durable: true,
    alternateExchange: exchanges.unrouted,
  });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchanges.events, 'job.submitted.*');
  const waiting = new Map<string, { left: number; readonly done: () => void }>();
  const hear = (content: string): void => {
    const { groupId } = JSON.parse(content) as { readonly groupId: string };
    const group = waiting.get(groupId);
    if (group && (group.left -= 1) === 0) group.done();
  };
  await channel.consume(queue, (message) => message && hear(message.content.toString()), { noAck: true });
  return (groupId, jobs) => new Promise((done) => waiting.set(groupId, { left: jobs, done }));
}
