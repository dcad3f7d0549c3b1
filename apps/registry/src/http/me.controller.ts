import { type Me, me, type SignInMethods, signInMethods } from '#api';
import { Controller, Get, Inject } from '@nestjs/common';
import { SIGN_IN_METHODS } from '../access/tokens.js';
import type { Identity } from '#access';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

/** Who asks, and how one could come in. */
@Controller('api/v1')
export class MeController {
  constructor(@Inject(SIGN_IN_METHODS) private readonly methods: SignInMethods) {}

  @Get('me')
  @Needs('reader')
  @Operation({
    tag: 'Access',
    summary: 'Tell who is signed in',
    answers: { 200: { means: 'who asks', schema: me } },
  })
  me(@Caller() { ciRight: _right, session: _session, onlyProjects, groups, ...caller }: Identity): Me {
    return { ...caller, groups: [...groups], ...(onlyProjects && { onlyProjects: [...onlyProjects] }) };
  }

  @Get('sign-in')
  @Needs('nobody')
  @Operation({
    tag: 'Access',
    summary: 'Tell how one can sign in here',
    answers: { 200: { means: 'the ways that are offered', schema: signInMethods } },
  })
  signIn(): SignInMethods {
    return this.methods;
  }
}
