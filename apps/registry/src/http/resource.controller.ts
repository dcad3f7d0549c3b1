import type { Page, PageQuery, PastRepresentation, Representation, ResourceQuery } from '#api';
import type { Resource } from '#contracts';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Written } from '../changes/companion.js';
import type { Identity } from '#access';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { resourceOperations } from './resource-operations.js';
import { ResourceRoutes } from './resource-routes.js';

type Controllers = new (routes: ResourceRoutes) => object;

/** The routes of one kind, as a controller of its own, so that each has its need and its line in the document. */
export function resourceController(resource: Resource): Controllers {
  const { plural } = resource;
  const operations = resourceOperations(resource);

  @Controller(`api/v1/${plural}`)
  class ResourceController {
    constructor(@Inject(ResourceRoutes) private readonly routes: ResourceRoutes) {}

    @Get()
    @Needs('reader')
    @Operation(operations.list)
    list(@Caller() caller: Identity, @Query() query: ResourceQuery): Promise<Page<Representation>> {
      return this.routes.list(resource, caller, query);
    }

    @Post()
    @HttpCode(201)
    @Needs('owner')
    @Operation(operations.create)
    create(
      @Caller() caller: Identity,
      @Body() body: Written,
      @Headers('idempotency-key') key: string | undefined,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<unknown> {
      return this.routes.create(resource, caller, body, key, reply);
    }

    @Get(':name')
    @Needs('reader')
    @Operation(operations.read)
    read(
      @Caller() caller: Identity,
      @Param('name') name: string,
      @Query('at') at: string | undefined,
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<Representation | undefined> {
      return this.routes.read(resource, caller, name, at, request, reply);
    }

    @Put(':name')
    @Needs('owner')
    @Operation(operations.replace)
    replace(
      @Caller() caller: Identity,
      @Param('name') name: string,
      @Body() body: Written,
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<Representation> {
      return this.routes.replace(resource, caller, name, body, request, reply);
    }

    @Delete(':name')
    @HttpCode(204)
    @Needs('owner')
    @Operation(operations.remove)
    remove(
      @Caller() caller: Identity,
      @Param('name') name: string,
      @Req() request: FastifyRequest,
    ): Promise<void> {
      return this.routes.remove(resource, caller, name, request);
    }

    @Get(':name/history')
    @Needs('reader')
    @Operation(operations.history)
    history(
      @Caller() caller: Identity,
      @Param('name') name: string,
      @Query() query: PageQuery,
    ): Promise<Page<PastRepresentation>> {
      return this.routes.history(resource, caller, name, query);
    }
  }

  const words = plural.split('-').map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  Object.defineProperty(ResourceController, 'name', { value: `${words.join('')}Controller` });
  return ResourceController;
}
