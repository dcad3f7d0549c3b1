import type { Identity } from '#access';
import {
  cancelBody,
  changedJobs,
  gridJob,
  groupQuery,
  jobGroup,
  jobGroupWithAll,
  pageOf,
  pageQuery,
} from '#api';
import { attemptStates } from '#contracts';
import { Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Monitor } from '../clients/monitor.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const tag = 'Jobs';
const params = z.object({ id: z.uuid() });
const changed = { 202: { means: 'the grid is told', schema: changedJobs } };

/** Groups of jobs, as the monitor knows them. */
@Controller('api/v1/groups')
export class GroupsController {
  constructor(@Inject(Monitor) private readonly monitor: Monitor) {}

  @Get()
  @Needs('reader')
  @Operation({
    tag,
    summary: 'List groups of jobs, the latest first',
    query: groupQuery,
    answers: { 200: { means: 'one page', schema: pageOf(jobGroup) } },
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
    summary: 'Read a group of jobs',
    params,
    answers: { 200: { means: 'the group, with its counts per state', schema: jobGroupWithAll } },
  })
  read(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Get(':id/jobs')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'List the jobs of a group',
    params,
    query: pageQuery.extend({ state: z.enum(attemptStates).optional() }),
    answers: {
      200: {
        means: 'one page, in the order of the list that the group was made of',
        schema: pageOf(gridJob),
      },
    },
  })
  jobs(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Post(':id/cancel')
  @Needs('owner')
  @Operation({ tag, summary: 'Cancel the jobs of a group', params, body: cancelBody, answers: changed })
  cancel(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Post(':id/retry')
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Try those jobs of a group again that did not succeed',
    params,
    answers: changed,
  })
  retry(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }
}
