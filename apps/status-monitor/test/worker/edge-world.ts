import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as connectTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, silentLogger } from '#bus';
import { groupQueued, type JobTemplate, jobTemplate } from '#contracts';
import { openDatabase } from '#database';
import { attemptIdOf, composeJob, jobIdOf, type WayToMonitor } from '#grid';
import { isolatedSchema, isolatedVhost, type SpawnedService, spawnService, waitFor } from '#lab';
import { openKeyRing } from '#secrets';
import type { DataSource } from 'typeorm';
import { directoryEnvironment, type Environment, listenOnFreePort, partnersEnvironment } from '#embedded';
import { keyRingText } from '../../../../test/stand-ins/registry.js';
import { Ledger } from '../../src/ledger/ledger.js';
import type { Attempt } from '../../src/domain/attempt.js';
import { storage } from '../../src/storage/index.js';
import { LogStore } from '../../src/storage/logs/log.store.js';
import { OutputStore } from '../../src/storage/outputs/output.store.js';

const ring = openKeyRing(keyRingText);

/** The token that the submitter would have put into the attempt's files. */
export const tokenOf = (attemptId: string): string => ring.seal(attemptId, 'worker');

/** One attempt that the monitor knows of. */
export interface KnownAttempt {
  readonly groupId: string;
  readonly jobId: string;
  readonly attemptId: string;
  readonly token: string;
  readonly template: JobTemplate;
}

/** A monitor with real servers behind it, between it and the jobs a wire that can be cut. */
export class EdgeWorld {
  services: SpawnedService[] = [];

  private constructor(
    readonly bus: Bus,
    readonly dataSource: DataSource,
    readonly ledger: Ledger,
    readonly logs: LogStore,
    readonly outputs: OutputStore,
    readonly wire: Wire,
    readonly directory: string,
    private readonly environment: Environment,
  ) {}

  static async create(testPath: string, env: Readonly<Record<string, string>> = {}): Promise<EdgeWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-edge-'));
    const { url: amqpUrl } = await isolatedVhost(testPath);
    const postgres = await isolatedSchema(testPath);
    const own = directoryEnvironment(directory);
    await writeFile(own.SLIPWAY_CONFIG, JSON.stringify({ backends: [], projects: [] }));
    const bus = connectBus({ url: amqpUrl, service: 'test', logger: silentLogger });
    await bus.started();
    const dataSource = await openDatabase({ ...storage, ...postgres });
    const ledger = new Ledger({ dataSource, log: silentLogger, said: () => undefined });
    const environment = {
      ...own,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText, postgres }),
      ...env,
    };
    const logs = new LogStore(dataSource, 2 ** 40);
    const outputs = new OutputStore(dataSource, own.SLIPWAY_OUTPUT_DIRECTORY, 2 ** 40);
    const wire = await Wire.open();
    return new EdgeWorld(bus, dataSource, ledger, logs, outputs, wire, directory, environment);
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<SpawnedService> {
    const service = await spawnService('status-monitor', { ...this.environment, ...env });
    this.services.push(service);
    this.wire.leadsTo(service.url);
    return service;
  }

  get url(): string {
    return this.services.at(-1)?.url ?? '';
  }

  /** An attempt as it is after its group was accepted. */
  async queue(
    template: Parameters<typeof jobTemplate.parse>[0],
    {
      project = 'higgs',
      keys = ['job'],
    }: { readonly project?: string; readonly keys?: readonly string[] } = {},
  ): Promise<KnownAttempt> {
    const groupId = randomUUID();
    const [jobId, parsed] = [jobIdOf(groupId, 0), jobTemplate.parse(template)];
    const attemptId = attemptIdOf(jobId, 1);
    await this.bus.publish(groupQueued, {
      groupId,
      name: 'a group',
      project,
      backend: 'pool',
      template: parsed,
      items: keys.map((key) => ({ key, variables: {} })),
      labels: {},
      requestedBy: 'ada',
      requestedAt: new Date().toISOString(),
    });
    await waitFor(() => this.ledger.attempt(attemptId), { what: 'the attempt to be known' });
    return { groupId, jobId, attemptId, token: tokenOf(attemptId), template: parsed };
  }

  /** The files of the job, as the submitter makes them; through the wire unless told. */
  files({ groupId, jobId, attemptId, token, template }: KnownAttempt, way: WayToMonitor = {}) {
    return composeJob(
      { groupId, name: 'a group', project: 'higgs', backend: 'pool', template },
      { jobId, attemptId, index: 0, attempt: 1, item: { key: 'job', variables: {} } },
      { monitorUrl: this.wire.url, heartbeatSeconds: 1, retrySeconds: 1, graceSeconds: 1, token, ...way },
    );
  }

  async attempt(id: string): Promise<Attempt> {
    const attempt = await this.ledger.attempt(id);
    if (!attempt) throw new Error('no such attempt');
    return attempt;
  }

  async log(id: string): Promise<string> {
    const attempt = await this.attempt(id);
    const { bytes } = await this.logs.head(attempt);
    const pieces: Buffer[] = [];
    for await (const piece of this.logs.read(attempt, 0, bytes)) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  }

  async close(): Promise<void> {
    await this.wire.close();
    await Promise.all(this.services.map((service) => service.kill('SIGKILL')));
    await Promise.allSettled([this.bus.close(), this.dataSource.destroy()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A TCP connection to the monitor that can be cut and joined again. */
export class Wire {
  private target: URL | undefined;
  private isCut = false;
  private readonly sockets = new Set<Socket>();
  /** Connections that came while it was cut. */
  refused = 0;
  /** Connections that found nobody at the other end. */
  failed = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server, `http://127.0.0.1:${await listenOnFreePort(server)}`);
    server.on('connection', (socket) => wire.join(socket));
    return wire;
  }

  leadsTo(url: string): void {
    this.target = new URL(url);
  }

  /** Breaks what is under way, and everything until it is joined again. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  rejoin(): void {
    this.isCut = false;
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private join(socket: Socket): void {
    if (this.isCut || !this.target) {
      this.refused += 1;
      return void socket.resetAndDestroy();
    }
    const there = connectTcp(Number(this.target.port), this.target.hostname);
    there.once('error', () => (this.failed += 1));
    for (const [one, other] of [
      [socket, there],
      [there, socket],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
