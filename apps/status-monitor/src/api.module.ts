import type { KeyRing } from '#secrets';
import type { Logger } from '#service';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import type { Configured } from './configured.js';
import { BatchLogsController } from './http/batch-logs.controller.js';
import { GroupsController } from './http/groups.controller.js';
import { HouseAccess } from './http/house-access.js';
import { JobsController } from './http/jobs.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { Wishes } from './ledger/wishes.js';
import type { Monitor } from './monitor.js';
import { GroupsReader } from './reading/groups.reader.js';
import { JobReader } from './reading/job.reader.js';
import { JobsReader } from './reading/jobs.reader.js';
import {
  ACCESS,
  CONFIGURED,
  DATA_SOURCE,
  GROUPS_READER,
  JOB_READER,
  JOBS_READER,
  MONITOR,
  WISHES,
} from './tokens.js';

/** What people see of jobs and may want of them. */
@Module({})
export class ApiModule {
  static of(ring: KeyRing, log: Logger): DynamicModule {
    const reading = [
      [GROUPS_READER, GroupsReader],
      [JOBS_READER, JobsReader],
      [JOB_READER, JobReader],
    ] as const;
    const parts = [
      {
        provide: ACCESS,
        inject: [CONFIGURED],
        useFactory: (configured: Configured) => new HouseAccess(ring, configured),
      },
      ...reading.map(([provide, Reader]) => ({
        provide,
        inject: [DATA_SOURCE],
        useFactory: (dataSource: DataSource) => new Reader(dataSource),
      })),
      {
        provide: WISHES,
        inject: [DATA_SOURCE, MONITOR],
        useFactory: (dataSource: DataSource, monitor: Monitor) =>
          new Wishes(dataSource, () => monitor.said()),
      },
    ];
    return {
      module: ApiModule,
      global: true,
      controllers: [GroupsController, JobsController, BatchLogsController],
      providers: [...parts, { provide: APP_FILTER, useValue: new ProblemFilter(log) }],
      exports: parts.map(({ provide }) => provide),
    };
  }
}
