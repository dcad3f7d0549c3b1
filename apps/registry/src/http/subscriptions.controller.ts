import {
  type Delivery,
  delivery,
  deliveryQuery,
  type DeliveryQuery,
  deliveryTest,
  type DeliveryTest,
  type Page,
  pageOf,
} from '#api';
import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Identity } from '#access';
import { Deliveries } from '../subscriptions/deliveries.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';
import { namedParams } from './resource-operations.js';

const tag = 'Subscriptions';

/** What became of the events that a subscription asked for; all else as with every kind. */
@Controller('api/v1/subscriptions')
export class SubscriptionsController {
  constructor(@Inject(Deliveries) private readonly deliveries: Deliveries) {}

  @Get(':name/deliveries')
  @Needs('reader')
  @Operation({
    tag,
    summary: 'List what was sent to a subscription, and what is to be sent, the latest first',
    params: namedParams,
    query: deliveryQuery,
    answers: { 200: { means: 'one page', schema: pageOf(delivery) } },
  })
  list(
    @Caller() caller: Identity,
    @Param('name') name: string,
    @Query() query: DeliveryQuery,
  ): Promise<Page<Delivery>> {
    return this.deliveries.list(caller, name, query);
  }

  @Post(':name/deliveries/:id/replay')
  @HttpCode(202)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Send an event to a subscription again, now',
    description:
      'Whether it was given up, delivered or waits; under the same webhook-id, all attempts before it.',
    params: namedParams.extend({ id: z.uuid() }),
    answers: { 202: { means: 'it is due', schema: delivery } },
    refuses: [409],
  })
  replay(
    @Caller() caller: Identity,
    @Param('name') name: string,
    @Param('id') id: string,
  ): Promise<Delivery> {
    return this.deliveries.replay(caller, name, id);
  }

  @Post(':name/test')
  @HttpCode(200)
  @Needs('owner')
  @Operation({
    tag,
    summary: 'Send a test event to a subscription, and hear what its receiver says',
    params: namedParams,
    answers: { 200: { means: 'what the receiver said', schema: deliveryTest } },
  })
  test(@Caller() caller: Identity, @Param('name') name: string): Promise<DeliveryTest> {
    return this.deliveries.test(caller, name);
  }
}
