import { AppError } from '#errors';
import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CiTokens, ciTokenSeconds } from '../access/ci-tokens.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const takenTypes = [
  'urn:ietf:params:oauth:token-type:id_token',
  'urn:ietf:params:oauth:token-type:jwt',
] as const;

const request = z.object({
  grant_type: z.literal(grant),
  subject_token: z.string().min(1).max(16_384).describe('the ID token of the CI job'),
  subject_token_type: z.enum(takenTypes),
  requested_token_type: z.literal(accessToken).optional(),
  audience: z.string().optional(),
  resource: z.string().optional(),
  scope: z.string().optional().describe('of no effect: the project decides what its CI jobs may do'),
});

const answer = z.object({
  access_token: z.string(),
  issued_token_type: z.literal(accessToken),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('seconds'),
});

const refusal = z.object({
  error: z.enum(['invalid_request', 'unsupported_grant_type', 'invalid_grant']),
  error_description: z.string(),
});

/** Tokens for tokens (RFC 8693). */
@Controller('api/v1/token')
export class TokenController {
  constructor(@Inject(CiTokens) private readonly tokens: CiTokens) {}

  @Post()
  @HttpCode(200)
  @Needs('nobody')
  @Operation({
    tag: 'Access',
    summary: "Exchange a GitLab CI job's ID token for a token of ten minutes",
    description:
      'As RFC 8693 says, with answers of RFC 6749. The ID token has to be made for the public address of this registry; the token reaches the projects of the job alone.',
    body: request,
    bodyType: 'application/x-www-form-urlencoded',
    checksBodyItself: true,
    answers: {
      200: { means: 'the token', schema: answer },
      400: { means: 'the request, or the ID token, is no good', schema: refusal },
    },
  })
  async exchange(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof answer> | z.output<typeof refusal>> {
    void reply.header('cache-control', 'no-store');
    const asked = request.safeParse(body);
    if (!asked.success) {
      void reply.status(400);
      return flaw(body, asked.error);
    }
    try {
      const { token } = await this.tokens.exchange(asked.data.subject_token);
      return {
        access_token: token,
        issued_token_type: accessToken,
        token_type: 'Bearer',
        expires_in: ciTokenSeconds,
      };
    } catch (error) {
      if (!(error instanceof AppError) || error.temporary || !error.code.startsWith('access.')) throw error;
      void reply.status(400);
      return { error: 'invalid_grant', error_description: error.message };
    }
  }
}

function flaw(body: unknown, { issues }: z.ZodError): z.output<typeof refusal> {
  const named = z.looseObject({ grant_type: z.string() }).safeParse(body);
  const isOtherGrant = named.success && named.data.grant_type !== grant;
  const fields = [...new Set(issues.map(({ path }) => path.join('.')))].join(', ');
  return {
    error: isOtherGrant ? 'unsupported_grant_type' : 'invalid_request',
    error_description: isOtherGrant ? `expected ${grant}` : `missing or not valid: ${fields || 'the body'}`,
  };
}
