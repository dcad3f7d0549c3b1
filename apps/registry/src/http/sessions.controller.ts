import { type BrowserSession, browserSession, type Page, type PageQuery, pageOf, pageQuery } from '#api';
import { permanent } from '#errors';
import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { Sessions } from '../access/sessions.js';
import type { Identity } from '#access';
import { SessionStore, type StoredSession } from '../storage/session.store.js';
import { Caller } from './caller.decorator.js';
import { nameOfCursor, pageFrom } from './cursor.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const tag = 'Access';

/** Sessions of browsers. */
@Controller('api/v1/sessions')
export class SessionsController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SessionStore) private readonly store: SessionStore,
  ) {}

  @Get()
  @Needs('reader')
  @Operation({
    tag,
    summary: 'List the sessions of the page that count',
    description: 'Admins see all, others their own.',
    query: pageQuery,
    answers: { 200: { means: 'one page, by id', schema: pageOf(browserSession) } },
  })
  async list(
    @Caller() caller: Identity,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<BrowserSession>> {
    const subject = caller.role === 'admin' ? undefined : caller.subject;
    const found = await this.store.list({ limit: limit + 1, after: nameOfCursor(cursor), subject });
    return pageFrom(
      found,
      limit,
      (sessions) => sessions.map((session) => shown(session, caller)),
      ({ id }) => id,
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('reader')
  @Operation({
    tag,
    summary: 'End a session of the page',
    description: 'It ends within a second, everywhere. Admins end any, others their own.',
    params: z.object({ id: z.string().min(1).max(36) }),
    answers: { 204: { means: 'it counts no more' } },
  })
  async end(@Caller() caller: Identity, @Param('id') id: string): Promise<void> {
    const session = z.uuid().safeParse(id).success ? await this.store.find(id) : undefined;
    if (!session || (caller.role !== 'admin' && session.subject !== caller.subject))
      throw permanent('session.not_found', `there is no session ${id} of yours`, { level: 'info' });
    await this.sessions.revoke(session, caller);
  }
}

const shown = (session: StoredSession, { session: own }: Identity): BrowserSession => ({
  id: session.id,
  subject: session.subject,
  name: session.name,
  way: session.way,
  browser: session.browser,
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.seenAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
  isThisOne: session.id === own,
});
