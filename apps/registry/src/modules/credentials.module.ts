import type { OutboxRelay } from '#database';
import type { KeyRing } from '#secrets';
import { Every, LOGGER, type Logger } from '#service';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { KEY_RING } from '../access/tokens.js';
import { Companions } from '../changes/companion.js';
import type { RegistryConfig } from '../config.js';
import { CredentialSecrets } from '../credentials/credential-secrets.js';
import { ExpiryWatch } from '../credentials/expiry-watch.js';
import { CredentialsController } from '../http/credentials.controller.js';
import { UsesListener } from '../messages/uses.controller.js';
import { OUTBOX } from '../tokens.js';

const INTERVAL = Symbol('registry:expiry-check-interval');

/** Credentials and their secrets. */
@Module({})
export class CredentialsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly looking: Every;

  constructor(
    @Inject(Companions) companions: Companions,
    @Inject(CredentialSecrets) secrets: CredentialSecrets,
    @Inject(ExpiryWatch) watch: ExpiryWatch,
    @Inject(INTERVAL) intervalMs: number,
    @Inject(LOGGER) logger: Logger,
  ) {
    companions.add(secrets);
    this.looking = new Every('the look for credentials that expire', intervalMs, () => watch.look(), logger);
  }

  static of(config: RegistryConfig, dataSource: DataSource): DynamicModule {
    return {
      module: CredentialsModule,
      controllers: [CredentialsController, UsesListener],
      providers: [
        { provide: INTERVAL, useValue: config.expiryCheckSeconds * 1_000 },
        {
          provide: CredentialSecrets,
          inject: [KEY_RING],
          useFactory: (ring: KeyRing) => new CredentialSecrets(ring),
        },
        {
          provide: ExpiryWatch,
          inject: [OUTBOX],
          useFactory: (outbox: OutboxRelay) =>
            new ExpiryWatch({
              dataSource,
              warningDays: config.expiryWarningDays,
              said: () => outbox.wake(),
            }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.looking.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.looking.stop();
  }
}
