import { integer, setting } from '#service';

/** Settings of the live view of events. */
export const eventSettings = {
  eventReaders: setting({
    env: 'SLIPWAY_EVENT_READERS',
    schema: integer({ min: 1, max: 100_000 }),
    default: '500',
    description: 'Readers of GET /api/v1/events that one copy serves at once; further ones are answered 503.',
  }),
  eventStreamSeconds: setting({
    env: 'SLIPWAY_EVENT_STREAM_SECONDS',
    schema: integer({ min: 1, max: 86_400 }),
    default: '900',
    description:
      'Seconds after which a stream of events ends, so that who may no longer read does not; readers come back by themselves and miss nothing.',
  }),
};
