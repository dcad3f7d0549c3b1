import { type AuditEntry, auditEntry, type AuditQuery, auditQuery, type Page, pageOf } from '#api';
import { permanent } from '#errors';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ownersOf } from '../changes/permission.js';
import { mayReadAudit, type Identity } from '#access';
import { AuditStore } from '../storage/audit.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { Caller } from './caller.decorator.js';
import { numberOfCursor, pageFrom } from './cursor.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

/** Who did what, and when. */
@Controller('api/v1/audit')
export class AuditController {
  constructor(
    @Inject(AuditStore) private readonly audit: AuditStore,
    @Inject(ResourceStore) private readonly store: ResourceStore,
  ) {}

  @Get()
  @Needs('owner')
  @Operation({
    tag: 'Audit trail',
    summary: 'List who did what, the latest first',
    description: 'Admins see everything; owners what was done to their project, which they have to name.',
    query: auditQuery,
    answers: { 200: { means: 'one page', schema: pageOf(auditEntry) } },
  })
  async list(@Caller() caller: Identity, @Query() query: AuditQuery): Promise<Page<AuditEntry>> {
    if (!mayReadAudit(caller, await ownersOf(this.store, query.project))) {
      const message = 'the audit trail of a project is for its owners; name one of yours by ?project=';
      throw permanent('access.forbidden', message, { level: 'info' });
    }
    // As points in time: PostgreSQL does not take every offset that RFC 3339 allows.
    const { limit, cursor, since, until, ...filter } = query;
    const between = { since: pointOf(since), until: pointOf(until) };
    const found = await this.audit.list({
      ...filter,
      ...between,
      limit: limit + 1,
      before: numberOfCursor(cursor),
    });
    return pageFrom(
      found,
      limit,
      (entries) => entries,
      ({ id }) => id,
    );
  }
}

const pointOf = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);
