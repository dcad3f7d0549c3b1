import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CONFIG, LOGGER, METRICS, READINESS, type Runtime } from './runtime.js';

/** A module of Nest's, static or dynamic. */
export type ServiceModule = Type<unknown> | DynamicModule;

@Module({})
class RootModule {}

/** The service's module, with what the process offers in reach of every class by its token. */
export function rootModule(service: ServiceModule, config: unknown, runtime: Runtime): DynamicModule {
  const offered = [
    { provide: CONFIG, useValue: config },
    { provide: LOGGER, useValue: runtime.logger },
    { provide: METRICS, useValue: runtime.metrics },
    { provide: READINESS, useValue: runtime.readiness },
  ];
  return {
    module: RootModule,
    global: true,
    imports: [service],
    providers: offered,
    exports: offered.map(({ provide }) => provide),
  };
}
