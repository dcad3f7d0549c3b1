import { Every, LOGGER, type Logger } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_GUARD, DiscoveryModule, DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { accessProviders } from '../access/access-providers.js';
import { ApiKeys } from '../access/api-keys.js';
import { Bootstrap } from '../access/bootstrap.js';
import type { RegistryConfig } from '../config.js';
import { AccessGuard } from '../http/access.guard.js';
import { ApiKeysController } from '../http/api-keys.controller.js';
import { refuseUndeclared, routesOf } from '../http/declared-routes.js';
import { refuseUnguarded } from '../http/route-census.js';
import { MeController } from '../http/me.controller.js';
import { SessionsController } from '../http/sessions.controller.js';
import { SignInController } from '../http/sign-in.controller.js';
import { TokenController } from '../http/token.controller.js';

const noteUseEveryMs = 30_000;

/** Who may do what: sign-in, API keys, tokens, and the guard before every route. */
@Module({})
export class AccessModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly noting: Every;

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(ApiKeys) keys: ApiKeys,
    @Inject(Bootstrap) private readonly bootstrap: Bootstrap,
    @Inject(LOGGER) logger: Logger,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {
    this.noting = new Every('noting the use of API keys', noteUseEveryMs, () => keys.noteUse(), logger);
  }

  static of(config: RegistryConfig, dataSource: DataSource): DynamicModule {
    const providers = accessProviders(config, dataSource);
    return {
      module: AccessModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [MeController, ApiKeysController, SessionsController, TokenController, SignInController],
      providers: [...providers, { provide: APP_GUARD, useClass: AccessGuard }],
      exports: providers.map(({ provide }) => provide),
    };
  }

  /** @throws AppError `access.undeclared_route` (permanent): a route that nobody thought about must not be open */
  onModuleInit(): void {
    refuseUndeclared(this.declaredRoutes());
  }

  async onApplicationBootstrap(): Promise<void> {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    refuseUnguarded(server.routeCensus ?? [], this.declaredRoutes());
    await this.bootstrap.prepare();
    this.noting.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.noting.wake();
    await this.noting.stop();
  }

  private declaredRoutes(): ReturnType<typeof routesOf> {
    const classes = this.discovery.getControllers().map(({ metatype }) => metatype);
    return routesOf(classes.filter((one) => typeof one === 'function') as Parameters<typeof routesOf>[0]);
  }
}
