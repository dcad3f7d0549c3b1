import { BUS, type Bus } from '#bus';
import {
  type BeforeApplicationShutdown,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { RegistryCopy } from './registry-copy.js';
import { REGISTRY_COPY } from './settings.js';

/** What a service does in the background for as long as its application runs. */
export interface BackgroundWork {
  start(): void;
  /** Finishes what is begun; requests and messages may still come in. */
  stop(): Promise<void>;
  /** Lets go of what requests and messages needed until now, as the database. */
  close(): Promise<void>;
}

/** Injection token of the service's `BackgroundWork`. */
export const BACKGROUND_WORK = Symbol('slipway:background-work');

/**
 * Starts and stops a service's background work with the application, and the copy of the registry that it works from.
 * Provide `BACKGROUND_WORK` and `REGISTRY_COPY` in it.
 */
@Module({})
export class BackgroundModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    @Inject(BACKGROUND_WORK) private readonly work: BackgroundWork,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(REGISTRY_COPY) private readonly copy: RegistryCopy | undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.copy?.follow(this.bus);
    this.work.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.copy?.close();
    await this.work.stop();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.close();
  }
}
