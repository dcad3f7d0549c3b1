import { randomUUID } from 'node:crypto';
import { imagePushed, queues } from '#contracts';
import { connect } from 'amqplib';
import { payload, stopwatch, warmUp, window, type Figures, type Job } from './message.js';

/** amqplib alone, doing on the wire what the bus does: confirms, mandatory, persistent, the same headers and JSON. */
export async function publish({ url, messages }: Job): Promise<Figures> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  let stop = stopwatch();
  let sent = 0;
  let confirmed = 0;
  const total = warmUp + messages;
  await new Promise<void>((resolve, reject) => {
    const onConfirm = (error: unknown): void => {
      if (error) return reject(new Error('nacked', { cause: error }));
      confirmed += 1;
      if (confirmed === warmUp) stop = stopwatch();
      if (confirmed === total) resolve();
      else if (sent < total) send();
    };
    const send = (): void => {
      const now = new Date();
      const id = randomUUID();
      const body = payload(sent++);
      channel.publish(
        'slipway.events',
        imagePushed.routingKey,
        Buffer.from(JSON.stringify(body)),
        {
          headers: {
            cloudEvents_specversion: '1.0',
            cloudEvents_id: id,
            cloudEvents_source: '/slipway/bench',
            cloudEvents_type: imagePushed.type,
            cloudEvents_time: now.toISOString(),
            cloudEvents_subject: `${body.registry}/${body.repository}:${body.tag}@${body.digest}`,
            cloudEvents_correlationid: id,
          },
          contentType: 'application/json',
          messageId: id,
          correlationId: id,
          timestamp: Math.floor(now.getTime() / 1000),
          appId: 'bench',
          persistent: true,
          mandatory: true,
        },
        onConfirm,
      );
    };
    for (let i = 0; i < window; i++) send();
  });
  const figures = stop(messages);
  await connection.close();
  return figures;
}

/** What consuming costs at least: JSON is parsed and each message acknowledged; no schema, envelope or retries. */
export async function consume({ url, messages }: Job): Promise<Figures> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.prefetch(window);
  let stop = stopwatch();
  let seen = 0;
  let length = 0;
  await new Promise<void>((resolve, reject) => {
    const handle = (body: { readonly repository: string }): void => void (length += body.repository.length);
    channel
      .consume(queues.publisherImages.name, (message) => {
        if (!message) return reject(new Error('cancelled'));
        handle(JSON.parse(message.content.toString()) as { repository: string });
        channel.ack(message);
        seen += 1;
        if (seen === warmUp) stop = stopwatch();
        if (seen === warmUp + messages) resolve();
      })
      .catch(reject);
  });
  const figures = stop(messages);
  await connection.close();
  if (length === 0) throw new Error('the messages were empty');
  return figures;
}
