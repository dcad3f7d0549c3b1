import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { permanent } from '#errors';
import { type Identity, isPerson } from '#access';
import { AUTHENTICATION, type Authentication } from './authentication.js';
import './caller.decorator.js';
import { NEED, type Need, TAKES_BOOTSTRAP_KEY } from './needs.decorator.js';

/** Lets a request through to its handler when who asks may. Global: no route is reached without it. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(AUTHENTICATION) private readonly authentication: Authentication,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  /** @throws AppError `access.*`; temporary where who asks cannot be known for now */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Handlers of messages hear the bus, whose users are the broker's matter.
    if (context.getType() !== 'http') return true;
    const need = this.reflector.get<Need | undefined>(NEED, context.getHandler());
    if (need === undefined)
      throw permanent('access.undeclared_route', 'the route does not say what it needs');
    if (need === 'nobody') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const identity = await this.identify(request, http.getResponse<FastifyReply>());
    request.identity = identity;
    if (identity.via === 'bootstrap' && !this.reflector.get(TAKES_BOOTSTRAP_KEY, context.getHandler()))
      throw permanent('access.forbidden', 'the bootstrap key is good for one thing: POST /api/v1/api-keys', {
        level: 'info',
      });
    if (!suffices(identity, need))
      throw permanent('access.forbidden', refusal(identity, need), { level: 'info' });
    return true;
  }

  private async identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity> {
    try {
      const identity = await this.authentication.identify(request, reply);
      if (identity) return identity;
    } catch (error) {
      // RFC 6750, 3.1: a token that was given and is no good is told apart from none.
      if (isUnauthenticated(error))
        void reply.header('www-authenticate', 'Bearer realm="slipway", error="invalid_token"');
      throw error;
    }
    void reply.header('www-authenticate', 'Bearer realm="slipway"');
    throw permanent(
      'access.unauthenticated',
      'sign in, or send an API key or a token as "Authorization: Bearer …"',
      {
        level: 'info',
      },
    );
  }
}

function suffices(identity: Identity, need: Need): boolean {
  if (need === 'admin') return identity.role === 'admin';
  return need !== 'owner' || identity.role !== 'reader';
}

function refusal(identity: Identity, need: Need): string {
  const who = isPerson(identity) ? identity.name : `this ${identity.via}`;
  return need === 'admin' ? `only admins may do this; ${who} is a ${identity.role}` : `${who} may read only`;
}

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('access.');
