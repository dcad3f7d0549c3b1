import { backendChanged, imagePushed, type Message } from '#contracts';
import type { ConsumeMessage } from 'amqplib';
import { type Handler, payloadOf } from './handler.js';
import { policy } from './policy.js';

describe('why a payload is given up', () => {
  const handlerOf = (message: Message): Handler => ({
    message,
    policy: policy(),
    handle: () => Promise.resolve(),
  });
  const handler = handlerOf(imagePushed);
  const body = (payload: unknown): ConsumeMessage =>
    ({
      content: Buffer.from(JSON.stringify(payload)),
      properties: { contentType: 'application/json', headers: {} },
      fields: { routingKey: imagePushed.routingKey },
    }) as unknown as ConsumeMessage;

  it('is told in the words in which slipway.yml is told its faults, without the values', () => {
    const payload = { registry: 'docker.io', repository: ['hunter2'], source: 'hub', verified: 'hunter2' };
    expect(() => payloadOf(handler, body(payload))).toThrow(
      expect.objectContaining({
        code: 'bus.invalid_message',
        message:
          'image.pushed.v1 is not valid: repository: expected text, got a list; verified: expected true or false, got text',
      }),
    );
    expect(() => payloadOf(handler, body({ ...payload, repository: undefined, verified: true }))).toThrow(
      'image.pushed.v1 is not valid: repository: is missing: expected text',
    );
  });

  const changed = {
    id: '2f1c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01',
    name: 'pool',
    version: 1,
    revision: 1,
    at: '2026-01-31T12:00:00.000Z',
    by: 'ada',
    gone: false,
  };

  it('is told with its place also where it is in what an admin wrote', () => {
    const change = { ...changed, spec: { name: 'pool', kind: 'slurm', jobs: 'hunter2' } };
    expect(() => payloadOf(handlerOf(backendChanged), body(change))).toThrow(
      /spec\.jobs: expected a number, got text$/,
    );
  });
});
