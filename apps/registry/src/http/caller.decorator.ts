import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { permanent } from '#errors';
import type { Identity } from '#access';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set by the access guard on every route that needs somebody. */
    identity?: Identity;
  }
}

/** The handler's parameter that holds the `Identity` of who asks. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Identity => {
  const { identity } = context.switchToHttp().getRequest<FastifyRequest>();
  if (identity) return identity;
  throw permanent('access.unauthenticated', 'sign in first');
});
