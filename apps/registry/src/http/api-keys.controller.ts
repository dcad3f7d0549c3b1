import {
  type ApiKey,
  apiKey,
  type CreatedApiKey,
  createdApiKey,
  newApiKey,
  type Page,
  type PageQuery,
  pageOf,
  pageQuery,
} from '#api';
import { permanent } from '#errors';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiKeys } from '../access/api-keys.js';
import { Bootstrap } from '../access/bootstrap.js';
import { ownersOf } from '../changes/permission.js';
import { flawOf, mayMakeKey, type WantedKey } from '../domain/api-key.js';
import { FieldsRefused } from '../domain/fields-refused.js';
import type { Identity } from '#access';
import { ApiKeyStore, type StoredKey } from '../storage/api-key.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { Caller } from './caller.decorator.js';
import { nameOfCursor, pageFrom } from './cursor.js';
import { Needs, TakesBootstrapKey } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { bearerOf } from './authentication.js';

const tag = 'Access';

/** Keys for programs. */
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
    @Inject(Bootstrap) private readonly bootstrap: Bootstrap,
    @Inject(ResourceStore) private readonly resources: ResourceStore,
  ) {}

  @Get()
  @Needs('owner')
  @Operation({
    tag,
    summary: 'List the API keys that count',
    description: 'Admins see all, others their own. The keys themselves are never shown again.',
    query: pageQuery,
    answers: { 200: { means: 'one page, by id', schema: pageOf(apiKey) } },
  })
  async list(@Caller() caller: Identity, @Query() { limit, cursor }: PageQuery): Promise<Page<ApiKey>> {
    const createdBySubject = caller.role === 'admin' ? undefined : caller.subject;
    const after = nameOfCursor(cursor);
    const found = await this.store.list({ limit: limit + 1, after, createdBySubject });
    return pageFrom(
      found,
      limit,
      (keys) => keys.map(shown),
      ({ id }) => id,
    );
  }

  @Post()
  @HttpCode(201)
  @Needs('owner')
  @TakesBootstrapKey()
  @Operation({
    tag,
    summary: 'Make an API key',
    description:
      'The answer shows the key, once. The bootstrap key makes one admin key, and is used up by it. Owners make keys for their own projects.',
    body: newApiKey,
    answers: { 201: { means: 'the key', schema: createdApiKey } },
  })
  async make(
    @Caller() caller: Identity,
    @Body() wanted: z.output<typeof newApiKey>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedApiKey> {
    const flaw = flawOf(wanted);
    if (flaw) {
      const issue = { path: [flaw.field], message: flaw.message };
      throw new FieldsRefused('request.invalid', `${flaw.field} ${flaw.message}`, [issue]);
    }
    await this.refuseUnlessMayMake(caller, wanted);
    const { key, stored } = await this.made(caller, wanted, request);
    void reply.header('cache-control', 'no-store');
    return { ...shown(stored), key };
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Revoke an API key',
    description: 'It ends within a second, everywhere. Admins revoke any, others their own.',
    params: z.object({ id: z.string().min(1).max(32) }),
    answers: { 204: { means: 'it counts no more' } },
  })
  async revoke(@Caller() caller: Identity, @Param('id') id: string): Promise<void> {
    const key = /^[a-z0-9]+$/.test(id) ? await this.store.find(id) : undefined;
    if (!key || key.revokedAt || (caller.role !== 'admin' && key.createdBySubject !== caller.subject))
      throw permanent('api_key.not_found', `there is no API key ${id} of yours`, { level: 'info' });
    await this.keys.revoke(key, caller);
  }

  private async refuseUnlessMayMake(caller: Identity, wanted: WantedKey): Promise<void> {
    const projects = await Promise.all(
      (wanted.onlyProjects ?? []).map((name) => ownersOf(this.resources, name)),
    );
    if (
      mayMakeKey(
        caller,
        wanted,
        projects.flatMap((project) => project ?? []),
      )
    )
      return;
    throw permanent('access.forbidden', 'you may make keys for projects of your own only', { level: 'info' });
  }

  private made(
    caller: Identity,
    wanted: z.output<typeof newApiKey>,
    request: FastifyRequest,
  ): ReturnType<ApiKeys['make']> {
    if (caller.via !== 'bootstrap') return this.keys.make(wanted, caller);
    if (wanted.role !== 'admin')
      throw permanent('access.forbidden', 'the bootstrap key makes an admin key, and nothing else', {
        level: 'info',
      });
    return this.bootstrap.exchange(bearerOf(request) ?? '', (manager) =>
      this.keys.make(wanted, caller, manager),
    );
  }
}

function shown(key: StoredKey): ApiKey {
  const { id, name, role, onlyProjects, createdBy, lastUsedAt } = key;
  return {
    id,
    name,
    role,
    ...(onlyProjects && { onlyProjects: [...onlyProjects] }),
    createdAt: key.createdAt.toISOString(),
    createdBy,
    expiresAt: key.expiresAt.toISOString(),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
  };
}
