import { BUS } from '#bus';
import { openDatabase, OutboxMessage } from '#database';
import { temporary } from '#errors';
import { isolatedSchema } from '#lab';
import { LOGGER, createLogger, createScrubber } from '#service';
import { Module } from '@nestjs/common';
import { APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import type { Identity } from '#access';
import { AccessGuard } from '../src/http/access.guard.js';
import { AUTHENTICATION, type Authentication } from '../src/http/authentication.js';
import { fastifyOptions, prepareHttp } from '../src/http/prepare-http.js';
import { HttpModule } from '../src/modules/http.module.js';
import { ResourcesModule } from '../src/modules/resources.module.js';
import { StorageModule } from '../src/modules/storage.module.js';
import { storage } from '../src/storage/index.js';

/** An answer, its body read. */
export interface Reply<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Body;
}

/** A request with its JSON body; a body that is a text goes as it is. Without `as` nobody asks. */
export interface Sent {
  readonly as?: Identity | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The routes of resources in this process, on a real database; who asks is simply told, and nothing is published. */
export interface RegistryApp {
  readonly dataSource: DataSource;
  send<Body = Record<string, unknown>>(route: string, sent?: Sent): Promise<Reply<Body>>;
  /** What stands in the outbox, in order: `<message> <name>`. */
  said(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** An admin, signed in by a browser. */
export const admin: Identity = { subject: 'a', name: 'ada', via: 'session', role: 'admin', groups: [] };

/** Somebody who owns what the group `hep` owns. */
export const member: Identity = {
  subject: 'm',
  name: 'mel',
  via: 'session',
  role: 'member',
  groups: ['hep'],
};

/** A key that may read alone. */
export const reader: Identity = { subject: 'r', name: 'rex', via: 'api-key', role: 'reader', groups: [] };

const told: Authentication = {
  identify: (request) => {
    const header = request.headers['x-identity'];
    return Promise.resolve(typeof header === 'string' ? (JSON.parse(header) as Identity) : undefined);
  },
};

/** Give `import.meta.url`. */
export async function registryApp(testPath: string): Promise<RegistryApp> {
  const dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(testPath)) });
  const logger = createLogger({ service: 'registry', level: 'silent', scrubber: createScrubber() });
  const publish = () => Promise.reject(temporary('bus.unavailable', 'there is no broker here'));
  const silentBus = { publish, state: () => ({ ready: true }) };
  const offered = [
    { provide: LOGGER, useValue: logger },
    { provide: BUS, useValue: silentBus },
  ];
  @Module({})
  class TestModule {}
  const module = {
    module: TestModule,
    global: true,
    imports: [StorageModule.of(dataSource), HttpModule, ResourcesModule],
    providers: [
      ...offered,
      Reflector,
      { provide: AUTHENTICATION, useValue: told },
      { provide: APP_GUARD, useClass: AccessGuard },
    ],
    exports: offered.map(({ provide }) => provide),
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(fastifyOptions), {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  await prepareHttp(app);
  // Not bootstrapped: the outbox keeps what it is given.
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    dataSource,
    send: (route, sent = {}) => send(app, route, sent),
    said: async () =>
      (await dataSource.getRepository(OutboxMessage).find({ order: { position: 'ASC' } })).map(
        ({ routingKey, payload }) => `${routingKey} ${(payload as { name: string }).name}`,
      ),
    close: () => app.close(),
  };
}

async function send<Body>(app: NestFastifyApplication, route: string, sent: Sent): Promise<Reply<Body>> {
  const [method = 'GET', url = '/'] = route.split(' ');
  const text = typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body);
  const answer = await app.inject({
    method: method as 'GET',
    url,
    headers: {
      ...(sent.as && { 'x-identity': JSON.stringify(sent.as) }),
      ...(sent.body !== undefined && { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    ...(sent.body !== undefined && { payload: text }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  const body: unknown = isJson && answer.body !== '' ? JSON.parse(answer.body) : answer.body;
  return { status: answer.statusCode, headers: answer.headers, body: body as Body };
}
