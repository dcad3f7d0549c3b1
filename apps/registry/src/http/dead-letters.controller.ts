import {
  deadLetter,
  type DeadLetter,
  deadLettersQuery,
  type DeadLettersQuery,
  deadLetterWithPayload,
  type DeadLetterWithPayload,
  type Page,
  pageOf,
} from '#api';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { authorOf } from '../changes/resource-changes.js';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import type { Identity } from '#access';
import { AuditStore } from '../storage/audit.store.js';
import { DATA_SOURCE } from '../tokens.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const tag = 'Dead letters';
const params = z.object({ queue: z.string().min(1).max(255), id: z.string().min(1).max(255) });

/** Messages that services gave up: why, and what to do with them. */
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(
    @Inject(DeadLetters) private readonly letters: DeadLetters,
    @Inject(AuditStore) private readonly audit: AuditStore,
    @Inject(DATA_SOURCE) private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Needs('admin')
  @Operation({
    tag,
    summary: 'List dead letters, by queue, the oldest first',
    query: deadLettersQuery,
    answers: { 200: { means: 'one page', schema: pageOf(deadLetter) } },
    refuses: [404],
  })
  list(@Query() query: DeadLettersQuery): Promise<Page<DeadLetter>> {
    return this.letters.list(query);
  }

  @Get(':queue/:id')
  @Needs('admin')
  @Operation({
    tag,
    summary: 'Read a dead letter with what it says',
    params,
    answers: { 200: { means: 'the dead letter', schema: deadLetterWithPayload } },
  })
  show(@Param('queue') queue: string, @Param('id') id: string): Promise<DeadLetterWithPayload> {
    return this.letters.show(queue, id);
  }

  @Post(':queue/:id/replay')
  @HttpCode(204)
  @Needs('admin')
  @Operation({
    tag,
    summary: 'Send a dead letter back into the queue that gave it up',
    params,
    answers: { 204: { means: 'it is back' } },
  })
  async replay(
    @Caller() caller: Identity,
    @Param('queue') queue: string,
    @Param('id') id: string,
  ): Promise<void> {
    await this.letters.replay(queue, id);
    await this.note(caller, 'replayed', queue, id);
  }

  @Delete(':queue/:id')
  @HttpCode(204)
  @Needs('admin')
  @Operation({
    tag,
    summary: 'Delete a dead letter for good',
    params,
    answers: { 204: { means: 'it is gone' } },
  })
  async drop(
    @Caller() caller: Identity,
    @Param('queue') queue: string,
    @Param('id') id: string,
  ): Promise<void> {
    await this.letters.drop(queue, id);
    await this.note(caller, 'dropped', queue, id);
  }

  private async note(caller: Identity, action: string, queue: string, id: string): Promise<void> {
    const author = authorOf(caller);
    await this.audit.record(this.dataSource.manager, {
      author,
      action,
      kind: 'dead_letter',
      name: id,
      detail: queue,
    });
  }
}
