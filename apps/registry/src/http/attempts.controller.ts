import type { Identity } from '#access';
import { jobOutputs, logQuery } from '#api';
import { pathInJob } from '#contracts';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Monitor } from '../clients/monitor.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const tag = 'Jobs';
const params = z.object({ id: z.uuid() });

/** What attempts wrote, as the monitor keeps it. */
@Controller('api/v1/attempts')
export class AttemptsController {
  constructor(@Inject(Monitor) private readonly monitor: Monitor) {}

  @Get(':id/log')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Read the log of an attempt, or follow it',
    description:
      'Part of it by Range (RFC 9110), in bytes. With follow=true as server-sent events while it grows: `id:` is the number of bytes after the piece, `data:` the piece as a JSON string, `event: end` says that nothing more will come.',
    params,
    query: logQuery,
    headers: z.object({
      range: z.string().max(255).optional(),
      'last-event-id': z.string().max(255).optional().describe('the bytes that were read already'),
    }),
    answers: {
      200: { means: 'the log', schema: z.string(), type: 'text/plain' },
      206: { means: 'the part that was asked for', schema: z.string(), type: 'text/plain' },
    },
    refuses: [404, 416],
  })
  log(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Get(':id/batch-log')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Read what the batch system itself wrote about an attempt',
    params,
    answers: { 200: { means: 'its log', schema: z.string(), type: 'text/plain' } },
  })
  batchLog(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Get(':id/outputs')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'List the files that an attempt brought back',
    params,
    answers: { 200: { means: 'the files, with their sizes', schema: jobOutputs } },
  })
  outputs(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Get(':id/outputs.zip')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Fetch all files that an attempt brought back',
    params,
    answers: { 200: { means: 'the files', schema: z.string(), type: 'application/zip' } },
  })
  archive(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }

  @Get(':id/outputs/file')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Fetch one file that an attempt brought back',
    params,
    query: z.object({ path: pathInJob }),
    answers: { 200: { means: 'the file', schema: z.string(), type: 'application/octet-stream' } },
  })
  file(@Caller() caller: Identity, @Res() reply: FastifyReply): Promise<void> {
    return this.monitor.passOn(caller, reply);
  }
}
