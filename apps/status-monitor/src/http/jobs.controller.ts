import { cancelBody, type ChangedJobs, type GridJob, type GridJobWithAll, jobQuery, type Page } from '#api';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { Wanted, Wishes } from '../ledger/wishes.js';
import type { JobReader } from '../reading/job.reader.js';
import type { JobsReader } from '../reading/jobs.reader.js';
import { ACCESS, JOB_READER, JOBS_READER, WISHES } from '../tokens.js';
import { checked, checkedId } from './checked.js';
import type { HouseAccess } from './house-access.js';

/** Jobs, for the registry's page and API and for the command. */
@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    @Inject(ACCESS) private readonly access: HouseAccess,
    @Inject(JOBS_READER) private readonly jobs: JobsReader,
    @Inject(JOB_READER) private readonly job: JobReader,
    @Inject(WISHES) private readonly wishes: Wishes,
  ) {}

  @Get()
  search(
    @Headers('authorization') token: string | undefined,
    @Query() query: unknown,
  ): Promise<Page<GridJob>> {
    const { onlyProjects } = this.access.caller(token);
    return this.jobs.search(checked(jobQuery.strict(), query), onlyProjects);
  }

  @Get(':id')
  async read(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
  ): Promise<GridJobWithAll> {
    const caller = this.access.caller(token);
    const job = await this.job.read(checkedId(id));
    this.access.refuseUnlessSeen(caller, job.project);
    return { ...job, mayChange: this.access.isOwner(caller, job.project) };
  }

  @Post(':id/cancel')
  @HttpCode(202)
  async cancel(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<ChangedJobs> {
    const caller = this.access.caller(token);
    return this.wishes.cancel(await this.owned(caller, id), checked(cancelBody, body), caller);
  }

  @Post(':id/retry')
  @HttpCode(202)
  async retry(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
  ): Promise<ChangedJobs> {
    const caller = this.access.caller(token);
    return this.wishes.retry(await this.owned(caller, id), caller);
  }

  private async owned(caller: ReturnType<HouseAccess['caller']>, id: string): Promise<Wanted> {
    const { groupId, project } = await this.job.read(checkedId(id));
    this.access.refuseUnlessOwner(caller, project);
    return { groupId, jobId: id };
  }
}
