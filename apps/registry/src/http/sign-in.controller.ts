import { keySignIn } from '#api';
import { AppError, permanent } from '#errors';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiKeys } from '../access/api-keys.js';
import { Bootstrap } from '../access/bootstrap.js';
import { Sessions } from '../access/sessions.js';
import type { SignIn } from '../access/sign-in.js';
import { SIGN_IN } from '../access/tokens.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const tag = 'Sign-in';
const somewhere = { Location: 'where the browser goes on' };

/** The browser's way in and out. */
@Controller('auth')
export class SignInController {
  constructor(
    @Inject(SIGN_IN) private readonly signIn: SignIn | undefined,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Bootstrap) private readonly bootstrap: Bootstrap,
  ) {}

  @Get('login')
  @Needs('nobody')
  @Operation({
    tag,
    summary: 'Send the browser to the sign-in provider',
    query: z.object({ to: z.string().max(1_000).optional().describe('path of the page to come back to') }),
    answers: {
      302: { means: 'to the provider, or back to the page with what went wrong', headers: somewhere },
    },
    refuses: [404],
  })
  async login(@Query('to') to: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const url = await toldOnPage(() => this.offered().begin(reply, to));
    await reply.header('cache-control', 'no-store').redirect(url, 302);
  }

  @Get('callback')
  @Needs('nobody')
  @Operation({
    tag,
    summary: 'Take the browser back from the sign-in provider',
    query: z.looseObject({ code: z.string().optional(), state: z.string().optional() }),
    keepsUnknownQuery: true,
    answers: { 302: { means: 'to the page, with a session or with what went wrong', headers: somewhere } },
    refuses: [404],
  })
  async callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    void reply.header('cache-control', 'no-store');
    await reply.redirect(await toldOnPage(() => this.offered().finish(request, reply)), 302);
  }

  @Post('key')
  @HttpCode(204)
  @Needs('nobody')
  @Operation({
    tag,
    summary: 'Begin a session of the browser with an API key, or with the bootstrap key, which it uses up',
    body: keySignIn,
    answers: { 204: { means: 'the session is in a cookie' } },
    refuses: [401],
  })
  async key(
    @Body() { key }: z.output<typeof keySignIn>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (this.bootstrap.reads(key)) {
      await this.bootstrap.exchange(key, async () => undefined);
      await this.sessions.begin(request, reply, { kind: 'bootstrap' });
      return;
    }
    const { subject } = await this.keys.identify(key);
    await this.sessions.begin(request, reply, { kind: 'api-key', id: subject.slice('key:'.length) });
  }

  @Post('logout')
  @HttpCode(204)
  @Needs('nobody')
  @Operation({
    tag,
    summary: 'End the session of the browser',
    answers: { 204: { means: 'the cookies are gone' } },
  })
  logout(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    return this.sessions.end(request, reply);
  }

  private offered(): SignIn {
    if (this.signIn) return this.signIn;
    throw permanent('sign_in.not_found', 'there is no sign-in provider here; sign in with an API key', {
      level: 'info',
    });
  }
}

/** A person sits before it: what went wrong belongs on the page. */
async function toldOnPage(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || !/^sign_in\.(?!not_found)/.test(error.code)) throw error;
    const said = error.temporary
      ? 'The sign-in provider does not answer for now; try again soon.'
      : error.message;
    return `/sign-in?error=${encodeURIComponent(said)}`;
  }
}
