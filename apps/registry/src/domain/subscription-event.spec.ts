import { isEcho, subscriptionEvent } from './subscription-event.js';

const attributes = {
  id: 'e1',
  source: '/slipway/registry',
  type: 'org.slipway.credential.changed.v1',
  subject: 'credential/signing',
  time: '2026-01-01T00:00:00.000Z',
  correlationId: 'c1',
  causationId: undefined,
  traceparent: undefined,
};

describe('an event that leaves the house', () => {
  it('is a CloudEvent in structured JSON, without what is sealed', () => {
    const data = { name: 'signing', secrets: [{ id: 's1', sealed: 'k:opaque', fingerprint: 'f' }] };
    const { body, ...event } = subscriptionEvent({ name: 'credential.changed' }, attributes, data);
    expect(event).toEqual({
      id: 'e1',
      name: 'credential.changed',
      type: attributes.type,
      time: attributes.time,
    });
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: 'e1',
      source: '/slipway/registry',
      type: attributes.type,
      subject: 'credential/signing',
      time: attributes.time,
      datacontenttype: 'application/json',
      correlationid: 'c1',
      data: { name: 'signing', secrets: [{ id: 's1', fingerprint: 'f' }] },
    });
  });

  it('is an echo where it came in as one that Slipway had sent', () => {
    expect(isEcho('webhook.received', { type: 'org.slipway.image.published.v1' })).toBe(true);
    expect(isEcho('webhook.received', { type: 'invoice.paid' })).toBe(false);
    expect(isEcho('image.published', { type: 'org.slipway.image.published.v1' })).toBe(false);
  });
});
