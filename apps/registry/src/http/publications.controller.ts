import {
  type Page,
  pageOf,
  type Publication,
  publication,
  publicationQuery,
  type PublicationQuery,
  publicationWithHistory,
  type PublicationWithHistory,
  publishAnswer,
  publishBody,
  type PublishBody,
  unpublishAnswer,
  type UnpublishAnswer,
  unpublishQuery,
  type UnpublishQuery,
  whyAnswer,
  type WhyAnswer,
  whyQuery,
  type WhyQuery,
} from '#api';
import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Identity } from '#access';
import { Publications } from '../publications/publications.js';
import { Wishes } from '../publications/wishes.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { idempotencyKey } from './resource-operations.js';

const tag = 'Publications';
const idParams = z.object({ id: z.uuid() });

/** What is published where, how far it is, and what people want of it. */
@Controller('api/v1/publications')
export class PublicationsController {
  constructor(
    @Inject(Publications) private readonly publications: Publications,
    @Inject(Wishes) private readonly wishes: Wishes,
  ) {}

  @Get()
  @Needs('reader')
  @Operation({
    tag,
    summary: 'List publications, the latest first',
    query: publicationQuery,
    answers: { 200: { means: 'one page', schema: pageOf(publication) } },
  })
  list(@Caller() caller: Identity, @Query() query: PublicationQuery): Promise<Page<Publication>> {
    return this.publications.list(caller, query);
  }

  @Get('why')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Ask why an image is not on CVMFS yet',
    description: 'Also of an image that nobody has told of, or that no rule wants.',
    query: whyQuery,
    answers: { 200: { means: 'why not yet', schema: whyAnswer } },
  })
  why(@Caller() caller: Identity, @Query() query: WhyQuery): Promise<WhyAnswer> {
    return this.publications.why(caller, query);
  }

  @Get(':id')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'Read a publication, with its history',
    params: idParams,
    answers: { 200: { means: 'the publication', schema: publicationWithHistory } },
  })
  read(@Caller() caller: Identity, @Param('id') id: string): Promise<PublicationWithHistory> {
    return this.publications.read(caller, id);
  }

  @Post()
  @HttpCode(202)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Publish an image now',
    description:
      'For admins, and for owners and CI jobs of the project whose image rule wants it. Sends the publisher a command; what becomes of it is seen in the list and in the events.',
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: publishBody,
    answers: { 202: { means: 'the publisher is told', schema: publishAnswer } },
  })
  publish(
    @Caller() caller: Identity,
    @Body() body: PublishBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<unknown> {
    return this.wishes.publish(caller, body, key);
  }

  @Delete(':id')
  @HttpCode(202)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Take an image, or one of its tags, off CVMFS',
    params: idParams,
    query: unpublishQuery,
    answers: { 202: { means: 'the publisher is told', schema: unpublishAnswer } },
  })
  unpublish(
    @Caller() caller: Identity,
    @Param('id') id: string,
    @Query() query: UnpublishQuery,
  ): Promise<UnpublishAnswer> {
    return this.wishes.unpublish(caller, id, query);
  }
}
