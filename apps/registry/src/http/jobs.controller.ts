import { submitAnswer, type SubmitAnswer, submitBody } from '#api';
import type { JobRequest } from '#contracts';
import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { z } from 'zod';
import type { Identity } from '#access';
import { JobSubmissions } from '../jobs/job-submissions.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { idempotencyKey } from './resource-operations.js';

const tag = 'Jobs';

/** Jobs on the grid: handed in here, looked after by the submitter and the monitor. */
@Controller('api/v1/jobs')
export class JobsController {
  constructor(@Inject(JobSubmissions) private readonly submissions: JobSubmissions) {}

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
}
