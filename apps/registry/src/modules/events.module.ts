import { BUS, type Bus } from '#bus';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { RegistryConfig } from '../config.js';
import { EventsController } from '../http/events.controller.js';
import { LiveEvents } from '../live/live-events.js';

/** The live view of events. */
@Module({})
export class EventsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(LiveEvents) private readonly live: LiveEvents) {}

  static of({ eventReaders, eventStreamSeconds }: RegistryConfig): DynamicModule {
    const limits = { readers: eventReaders, longestMs: eventStreamSeconds * 1000 };
    return {
      module: EventsModule,
      controllers: [EventsController],
      providers: [
        {
          provide: LiveEvents,
          inject: [BUS],
          useFactory: (bus: Bus) =>
            new LiveEvents({ bus, ...limits, patienceBytes: 1024 * 1024, heartbeatMs: 15_000 }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.live.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.live.stop();
  }
}
