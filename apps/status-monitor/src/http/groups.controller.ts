import {
  cancelBody,
  type ChangedJobs,
  type GridJob,
  groupQuery,
  type JobGroup,
  type JobGroupWithAll,
  type Page,
  pageQuery,
} from '#api';
import { attemptStates } from '#contracts';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Wishes } from '../ledger/wishes.js';
import type { GroupsReader } from '../reading/groups.reader.js';
import type { JobsReader } from '../reading/jobs.reader.js';
import { ACCESS, GROUPS_READER, JOBS_READER, WISHES } from '../tokens.js';
import { checked, checkedId } from './checked.js';
import type { HouseAccess } from './house-access.js';

const jobsQuery = pageQuery.extend({ state: z.enum(attemptStates).optional() });

/** Groups of jobs, for the registry's page and API and for the command. */
@Controller('api/v1/groups')
export class GroupsController {
  constructor(
    @Inject(ACCESS) private readonly access: HouseAccess,
    @Inject(GROUPS_READER) private readonly groups: GroupsReader,
    @Inject(JOBS_READER) private readonly jobs: JobsReader,
    @Inject(WISHES) private readonly wishes: Wishes,
  ) {}

  @Get()
  list(
    @Headers('authorization') token: string | undefined,
    @Query() query: unknown,
  ): Promise<Page<JobGroup>> {
    const { onlyProjects } = this.access.caller(token);
    return this.groups.list(checked(groupQuery.strict(), query), onlyProjects);
  }

  @Get(':id')
  async read(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
  ): Promise<JobGroupWithAll> {
    const caller = this.access.caller(token);
    const group = await this.groups.read(checkedId(id));
    this.access.refuseUnlessSeen(caller, group.project);
    return { ...group, mayChange: this.access.isOwner(caller, group.project) };
  }

  @Get(':id/jobs')
  async jobsOf(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
    @Query() query: unknown,
  ): Promise<Page<GridJob>> {
    const asked = checked(jobsQuery.strict(), query);
    const caller = this.access.caller(token);
    this.access.refuseUnlessSeen(caller, await this.groups.projectOf(checkedId(id)));
    return this.jobs.ofGroup(id, asked);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  async cancel(
    @Headers('authorization') token: string | undefined,
    @Param('id') groupId: string,
    @Body() body: unknown,
  ): Promise<ChangedJobs> {
    const caller = this.access.caller(token);
    this.access.refuseUnlessOwner(caller, await this.groups.projectOf(checkedId(groupId)));
    return this.wishes.cancel({ groupId }, checked(cancelBody, body), caller);
  }

  @Post(':id/retry')
  @HttpCode(202)
  async retry(
    @Headers('authorization') token: string | undefined,
    @Param('id') groupId: string,
  ): Promise<ChangedJobs> {
    const caller = this.access.caller(token);
    this.access.refuseUnlessOwner(caller, await this.groups.projectOf(checkedId(groupId)));
    return this.wishes.retry({ groupId }, caller);
  }
}
