import { Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResourceChanges } from '../changes/resource-changes.js';
import { JobsController } from '../http/jobs.controller.js';
import { JobSubmissions } from '../jobs/job-submissions.js';
import { AuditStore } from '../storage/audit.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { DATA_SOURCE } from '../tokens.js';

/** The way in for jobs. */
@Module({
  controllers: [JobsController],
  providers: [
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
})
export class JobsModule {}
