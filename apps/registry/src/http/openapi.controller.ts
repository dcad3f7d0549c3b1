import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { OpenApi } from '../openapi/open-api.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

/** The document that describes this interface. */
@Controller('api')
export class OpenApiController {
  constructor(@Inject(OpenApi) private readonly openApi: OpenApi) {}

  @Get('openapi.json')
  @Needs('nobody')
  @Operation({
    tag: 'This document',
    summary: 'Read the OpenAPI document',
    answers: { 200: { means: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) } },
  })
  document(): object {
    return this.openApi.document;
  }
}
