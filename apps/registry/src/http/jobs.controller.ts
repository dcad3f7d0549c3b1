import {
  cancelBody,
  changedJobs,
  gridJob,
  gridJobWithAll,
  jobQuery,
  pageOf,
  submitAnswer,
  type SubmitAnswer,
  submitBody,
} from '#api';
import type { JobRequest } from '#contracts';
import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Identity } from '#access';
import { Monitor } from '../clients/monitor.js';
import { JobSubmissions } from '../jobs/job-submissions.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { idempotencyKey } from './resource-operations.js';

const tag = 'Jobs';
const params = z.object({ id: z.uuid() });
const changed = { 202: { means: 'the grid is told', schema: changedJobs } };

/** Jobs on the grid: handed in here, looked after by the submitter and the monitor. */
@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    @Inject(JobSubmissions) private readonly submissions: JobSubmissions,
    @Inject(Monitor) private readonly monitor: Monitor,
  ) {}

  @Post()
  @HttpCode(202)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Hand in a job, or a group of jobs',
    description:
      'For admins, and for owners and CI jobs of the project. The group appears under the id in the answer as soon as the submitter has it.',
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: submitBody,
    answers: { 202: { means: 'the submitter is told', schema: submitAnswer } },
  })
  submit(
    @Caller() caller: Identity,
    @Body() body: JobRequest,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SubmitAnswer> {
    return this.submissions.submit(caller, body, key);
  }

  @Get()
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Search jobs, the latest first',
    query: jobQuery,
    answers: { 200: { means: 'one page', schema: pageOf(gridJob) } },
    // This house may have no monitor.
    refuses: [404],
  })
  list(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Get(':id')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Read a job, with its attempts',
    params,
    answers: { 200: { means: 'the job', schema: gridJobWithAll } },
  })
  read(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Post(':id/cancel')
  @Needs('owner')
  @Operation({ tag, summary: 'Cancel a job', params, body: cancelBody, answers: changed })
  cancel(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Post(':id/retry')
  @Needs('owner')
  @Operation({ tag, summary: 'Try a job again that did not succeed', params, answers: changed })
  retry(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }
}
