import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type INestApplication,
  type INestMicroservice,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { NestMicroservice } from '@nestjs/microservices';
import { connectBus, type Bus } from '../bus.js';
import { defaultHouse, type BusOptions } from '../options.js';
import { BusServer } from './bus.server.js';
import { RethrowFilter } from './rethrow.filter.js';

/** Injection token of the process's `Bus`. */
export const BUS = Symbol('Bus');

/** Where a process collects what it cannot do its work without; `Readiness` of #service is one. */
export interface ReadinessChecks {
  add(check: { readonly name: string; check(): void }): void;
}

/** Gives a service its bus (token `BUS`); `attachBus` adds the handlers. */
@Module({})
export class BusModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(BusServer) private readonly server: BusServer,
  ) {}

  /** With `readiness` the process is not ready while the bus is not. */
  static forRoot(options: BusOptions & { readonly readiness?: ReadinessChecks }): DynamicModule {
    const queues = options.house?.queues ?? defaultHouse.queues;
    const own = queues.filter((queue) => queue.service === options.service);
    return {
      module: BusModule,
      global: true,
      providers: [
        {
          provide: BUS,
          useFactory: () => {
            const bus = connectBus(options);
            options.readiness?.add({ name: 'broker', check: () => refuseUnlessReady(bus) });
            return bus;
          },
        },
        { provide: BusServer, inject: [BUS], useFactory: (bus: Bus) => new BusServer(bus, own) },
      ],
      exports: [BUS, BusServer],
    };
  }

  /** Handlers finish while everything they need is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.server.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}

/**
 * Connects the bus's handlers to the application; call it after `NestFactory.create` and before `init`, then
 * `app.startAllMicroservices()`. Global pipes, guards, interceptors and filters for handlers go on what it returns.
 */
export function attachBus(app: INestApplication): INestMicroservice {
  const server = app.get(BusServer, { strict: false });
  // Deferred: global filters count only for handlers that are registered after them.
  const microservice = app.connectMicroservice({ strategy: server }, { deferInitialization: true });
  microservice.useGlobalFilters(new RethrowFilter());
  // The application runs the life-cycle hooks; without this the microservice would run them once more.
  if ('setIsInitHookCalled' in microservice) {
    (microservice as INestMicroservice & Pick<NestMicroservice, 'setIsInitHookCalled'>).setIsInitHookCalled(
      true,
    );
  }
  return microservice;
}

function refuseUnlessReady(bus: Bus): void {
  const { ready, status, reason } = bus.state();
  if (!ready) throw new Error(reason ?? status);
}
