import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { DocsController } from '../http/docs.controller.js';
import { OpenApiController } from '../http/openapi.controller.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { RequestCheck } from '../http/request-check.interceptor.js';
import { OpenApi } from '../openapi/open-api.js';

/** What holds for every route: its declaration is checked and told, its errors are problems. */
@Module({
  imports: [DiscoveryModule],
  controllers: [OpenApiController, DocsController],
  providers: [
    { provide: OpenApi, useValue: new OpenApi() },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_INTERCEPTOR, useClass: RequestCheck },
  ],
})
export class HttpModule implements OnModuleInit {
  constructor(
    @Inject(OpenApi) private readonly openApi: OpenApi,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
  ) {}

  onModuleInit(): void {
    const classes = this.discovery.getControllers().map(({ metatype }) => metatype);
    this.openApi.describe(
      classes.filter((one) => typeof one === 'function') as Parameters<OpenApi['describe']>[0],
    );
  }
}
