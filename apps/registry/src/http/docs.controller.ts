import { permanent } from '#errors';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type DocsFile, docsFiles } from '../openapi/docs-page.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

const tag = 'This document';

/** Its own files alone; swagger-ui draws its icons from data: addresses and sets styles on elements. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The documentation page, from files of our own. */
@Controller('api/docs')
export class DocsController {
  private readonly read = new Map<string, DocsFile>();

  @Get()
  @Needs('nobody')
  @Operation({
    tag,
    summary: 'Read the documentation as a page',
    answers: { 200: { means: 'the page', schema: z.string(), type: 'text/html' } },
  })
  page(@Res() reply: FastifyReply): FastifyReply {
    return this.send(reply, 'index.html');
  }

  @Get(':file')
  @Needs('nobody')
  @Operation({
    tag,
    summary: 'Read a file of the page',
    params: z.object({ file: z.string().min(1).max(64) }),
    answers: { 200: { means: 'the file', schema: z.string(), type: '*/*' } },
  })
  file(@Param('file') name: string, @Res() reply: FastifyReply): FastifyReply {
    return this.send(reply, name);
  }

  private send(reply: FastifyReply, name: string): FastifyReply {
    const file = this.read.get(name) ?? (Object.hasOwn(docsFiles, name) ? docsFiles[name]?.() : undefined);
    if (!file) throw permanent('docs.not_found', `the page has no file "${name}"`, { level: 'info' });
    this.read.set(name, file);
    return reply
      .headers({
        'content-type': file.type,
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cache-control': name === 'index.html' ? 'no-cache' : 'public, max-age=3600',
      })
      .send(file.content);
  }
}
