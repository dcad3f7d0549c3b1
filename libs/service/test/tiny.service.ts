/** A service as small as can be, run as a real process by run-service.spec.ts. */
import { Controller, Get, Inject, Module, type OnApplicationShutdown, Query } from '@nestjs/common';
import { z } from 'zod';
import { permanent } from '#errors';
import {
  CONFIG,
  defineConfig,
  LOGGER,
  type Logger,
  processSettings,
  READINESS,
  type Readiness,
  runService,
  setting,
  type ValuesOf,
  withTrace,
} from '#service';

const settings = {
  ...processSettings,
  greeting: setting({
    env: 'TINY_GREETING',
    schema: z.string(),
    default: 'hello',
    description: 'What it says.',
  }),
  assembly: setting({
    env: 'TINY_ASSEMBLY',
    schema: z.enum(['done', 'hangs', 'refused', 'fails']),
    default: 'done',
    description: 'What becomes of its start.',
  }),
  password: setting({
    env: 'TINY_PASSWORD',
    schema: z.string().min(8, 'expected at least 8 characters').optional(),
    description: 'What it must not say.',
    secret: true,
  }),
};
const config = defineConfig(settings);

/** What putting the service together meets. */
const assembly: Readonly<Record<string, () => Promise<unknown>>> = {
  done: () => Promise.resolve(),
  hangs: () => new Promise((resolve) => setTimeout(resolve, 3_600_000)),
  refused: () => Promise.reject(permanent('tiny.refused', 'no such thing')),
  fails: () => Promise.reject(new Error('no luck')),
};

@Controller()
class TinyController implements OnApplicationShutdown {
  private broken = false;

  constructor(
    @Inject(CONFIG) private readonly values: ValuesOf<typeof settings>,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(READINESS) readiness: Readiness,
  ) {
    readiness.add({
      name: 'broker',
      check: () => {
        if (this.broken) throw new Error('no connection to amqp://me:hunter2hunter2@broker');
      },
    });
  }

  @Get('greeting') greet(): string {
    return this.values.greeting;
  }
  @Get('slow') async slow(): Promise<string> {
    this.logger.info('slow request began');
    await new Promise((resolve) => setTimeout(resolve, 300));
    return 'done';
  }
  @Get('stuck') async stuck(): Promise<string> {
    this.logger.info('stuck request began');
    return new Promise(() => undefined);
  }
  @Get('break') break(): string {
    this.broken = true;
    return 'broken';
  }
  @Get('log') log(@Query('text') text: string): string {
    const { password } = this.values;
    withTrace(undefined, () =>
      this.logger.info({ password, text: `${text} ${password}`, nested: { token: 'abc' } }, 'said'),
    );
    return 'logged';
  }
  @Get('throw') throw(): string {
    setImmediate(() => {
      throw new Error('a defect');
    });
    return 'thrown';
  }
  @Get('reject') reject(): string {
    void Promise.reject(new Error('a forgotten promise'));
    return 'rejected';
  }
  onApplicationShutdown(): void {
    this.logger.info('last hook');
  }
}

@Module({ controllers: [TinyController] })
class TinyModule {}

await runService({
  name: 'tiny',
  description: 'Answers a test.',
  config,
  module: async (values) => {
    await assembly[values.assembly]?.();
    return TinyModule;
  },
});
