import { type DynamicModule, Module } from '@nestjs/common';
import type { RegistryConfig } from '../config.js';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { DeadLettersController } from '../http/dead-letters.controller.js';

/** Messages that services gave up. */
@Module({})
export class DeadLettersModule {
  static of({ amqpUrl }: RegistryConfig): DynamicModule {
    const urls = typeof amqpUrl === 'string' ? [amqpUrl] : amqpUrl;
    return {
      module: DeadLettersModule,
      controllers: [DeadLettersController],
      providers: [{ provide: DeadLetters, useValue: new DeadLetters(urls) }],
    };
  }
}
