import type { KeyRing } from '#secrets';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResourceChanges } from '../changes/resource-changes.js';
import { Monitor } from '../clients/monitor.js';
import { AttemptsController } from '../http/attempts.controller.js';
import { GroupsController } from '../http/groups.controller.js';
import { JobsController } from '../http/jobs.controller.js';
import { JobSubmissions } from '../jobs/job-submissions.js';
import { AuditStore } from '../storage/audit.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import type { RegistryConfig } from '../config.js';
import { DATA_SOURCE } from '../tokens.js';
import { KEY_RING } from '../access/tokens.js';

/** The way in for jobs, and the monitor's answers about them. */
@Module({})
export class JobsModule {
  static of(config: RegistryConfig): DynamicModule {
    return {
      module: JobsModule,
      controllers: [JobsController, GroupsController, AttemptsController],
      providers: [
        {
          provide: Monitor,
          inject: [KEY_RING],
          useFactory: (ring: KeyRing) => new Monitor(config.monitorUrl, ring),
        },
        {
          provide: JobSubmissions,
          inject: [DATA_SOURCE, ResourceChanges, ResourceStore, AuditStore],
          useFactory: (
            dataSource: DataSource,
            changes: ResourceChanges,
            resources: ResourceStore,
            audit: AuditStore,
          ) => new JobSubmissions({ dataSource, changes, resources, audit }),
        },
      ],
    };
  }
}
