import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { imageQueued } from '#contracts';
import { waitFor } from '#lab';
import type { ConsoleWorld } from './console-world.js';

/** Says something that no contract knows, which is given up at once, and waits until it is. */
export async function makeDeadLetter({ amqpUrl, ask }: ConsoleWorld): Promise<void> {
  const broker = await connect(amqpUrl);
  const channel = await broker.createConfirmChannel();
  const headers = {
    cloudEvents_specversion: '1.0',
    cloudEvents_id: randomUUID(),
    cloudEvents_source: '/test',
    cloudEvents_type: imageQueued.type,
    cloudEvents_subject: 'registry.example.org/atlas/analysis',
  };
  const payload = Buffer.from(JSON.stringify({ registry: 'registry.example.org', repository: 7 }));
  channel.publish('slipway.events', imageQueued.routingKey, payload, {
    headers,
    contentType: 'application/json',
    messageId: headers.cloudEvents_id,
  });
  await channel.waitForConfirms();
  await broker.close();
  const listed = async (): Promise<readonly unknown[]> =>
    ((await ask('GET', '/api/v1/dead-letters')) as { readonly items: readonly unknown[] }).items;
  await waitFor(async () => (await listed()).length > 0, { what: 'the dead letter' });
}
