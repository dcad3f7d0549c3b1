import { eventsQuery, type EventsQuery } from '#api';
import { permanent } from '#errors';
import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Identity } from '#access';
import { LiveEvents } from '../live/live-events.js';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

/** Everything that happens, as it happens. */
@Controller('api/v1/events')
export class EventsController {
  constructor(@Inject(LiveEvents) private readonly live: LiveEvents) {}

  @Get()
  @Needs('reader')
  @Operation({
    tag: 'Events',
    summary: 'Follow events as they happen',
    description:
      'Server-sent events: `id:` the event’s, `event:` its name, `data:` an Event as JSON. An `event: gap` says that events may have been missed. The stream ends after a while; come back with Last-Event-ID.',
    query: eventsQuery,
    headers: z.object({
      'last-event-id': z.string().max(255).optional().describe('the last event that was heard'),
    }),
    answers: { 200: { means: 'the stream', schema: z.string(), type: 'text/event-stream' } },
  })
  follow(
    @Caller() caller: Identity,
    @Query() { types }: EventsQuery,
    @Headers('last-event-id') after: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    if (caller.onlyProjects !== undefined) {
      const text = 'a key or token of certain projects cannot follow the events of all';
      throw permanent('access.forbidden', text, { level: 'info' });
    }
    this.live.refuseWhenFull();
    const headers = reply.getHeaders();
    reply.hijack();
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) reply.raw.setHeader(name, value);
    this.live.follow(reply.raw, types.split(','), after);
  }
}
