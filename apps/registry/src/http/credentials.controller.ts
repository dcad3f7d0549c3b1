import { type Representation, representationOf, rotation } from '#api';
import { credentialResource } from '#contracts';
import { permanent } from '#errors';
import { Body, Controller, Delete, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { authorOf, ResourceChanges } from '../changes/resource-changes.js';
import { CredentialSecrets } from '../credentials/credential-secrets.js';
import type { Identity } from '#access';
import type { Expected } from '../domain/stored-resource.js';
import { removeSecrets, secretsOf } from '../storage/secret.store.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { etagOf, expectedBy } from './preconditions.js';
import { namedParams } from './resource-operations.js';
import { ResourcePresenter } from './resource-presenter.js';

const resource = credentialResource;
const tag = 'Credentials';
const ifMatch = z.string().max(1_000).optional().describe('the version in quotes that is changed, or *');
const answer = {
  means: 'the credential',
  schema: representationOf(resource),
  headers: { ETag: 'the version in quotes, for If-Match' },
};

/** What one does with a credential's secrets; all else as with every kind. */
@Controller('api/v1/credentials')
export class CredentialsController {
  constructor(
    @Inject(ResourceChanges) private readonly changes: ResourceChanges,
    @Inject(CredentialSecrets) private readonly secrets: CredentialSecrets,
    @Inject(ResourcePresenter) private readonly presenter: ResourcePresenter,
  ) {}

  @Post(':name/rotate')
  @HttpCode(200)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Give a credential a new secret; those before it go on for a while',
    params: namedParams,
    headers: z.object({ 'if-match': ifMatch }),
    body: rotation,
    answers: { 200: answer },
    refuses: [412],
  })
  rotate(
    @Caller() caller: Identity,
    @Param('name') name: string,
    @Body() { secret, expiresAt, overlap }: z.output<typeof rotation>,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Representation> {
    return this.changes.transaction(async (manager) => {
      const wish = { resource, name, action: 'rotated', ...expectation(headers) };
      const stored = await this.changes.touch(manager, caller, wish, (touched) =>
        this.secrets.rotate(manager, touched, { secret, expiresAt }, overlap, authorOf(caller)),
      );
      void reply.header('etag', etagOf(stored));
      return this.presenter.presentOne(stored, manager);
    });
  }

  @Delete(':name/secrets/:id')
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Take a secret of several away at once',
    params: namedParams.extend({ id: z.uuid() }),
    headers: z.object({ 'if-match': ifMatch }),
    answers: { 200: answer },
    refuses: [409, 412],
  })
  remove(
    @Caller() caller: Identity,
    @Param('name') name: string,
    @Param('id') id: string,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Representation> {
    return this.changes.transaction(async (manager) => {
      const wish = { resource, name, action: 'secret removed', ...expectation(headers) };
      const stored = await this.changes.touch(manager, caller, wish, async (touched) => {
        const secrets = await secretsOf(manager, touched.id);
        if (!secrets.some((secret) => secret.id === id))
          throw permanent('secret.not_found', `${name} has no secret ${id}`, { level: 'info' });
        if (secrets.length === 1)
          throw permanent(
            'resource.in_use',
            `it is the last secret of ${name}: rotate or remove the credential`,
            {
              level: 'info',
            },
          );
        await removeSecrets(manager, touched, { only: id });
      });
      void reply.header('etag', etagOf(stored));
      return this.presenter.presentOne(stored, manager);
    });
  }
}

/** If-Match is heeded where it is sent. */
function expectation(headers: Readonly<Record<string, string | undefined>>): {
  readonly expected?: Expected;
} {
  return headers['if-match'] === undefined ? {} : { expected: expectedBy(headers) };
}
