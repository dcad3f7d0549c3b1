/**
 * The peer: the least that takes a signed delivery in and answers when the broker has confirmed it. node:http and
 * amqplib, one channel, confirms pipelined; no framework, schema, metrics, limits or event ids. It publishes the same
 * message as the relay, a CloudEvent in binary mode: what is compared is how it gets there, not what it looks like. Or,
 * for comparison, the body alone.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type ConfirmChannel } from 'amqplib';
import { listenOnFreePort } from '#embedded';

/** What the parent sends. */
export interface BareOptions {
  readonly amqpUrl: string;
  readonly secret: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** Whether it says what the message is, as the relay does; else the body goes out alone. */
  readonly cloudEvent: boolean;
}

process.once('message', (options: BareOptions) => void serve(options));

async function serve(options: BareOptions): Promise<void> {
  const key = Buffer.from(options.secret.slice('whsec_'.length), 'base64');
  const connection = await connect(options.amqpUrl, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (!isSigned(request, body, key)) {
        response.writeHead(401).end();
        return;
      }
      publish(channel, options, request, body, (error: unknown) => {
        const status = error ? 503 : 202;
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': 2 }).end('{}');
      });
    });
  });
  process.send?.({ port: await listenOnFreePort(server) });
}

function publish(
  channel: ConfirmChannel,
  { exchange, routingKey, cloudEvent }: BareOptions,
  request: IncomingMessage,
  body: Buffer,
  confirmed: (error: unknown) => void,
): void {
  const { type, timestamp, data } = JSON.parse(body.toString()) as Record<string, unknown>;
  const content = Buffer.from(JSON.stringify({ source: 'bench', type, timestamp, data }));
  const messageId = String(request.headers['webhook-id']);
  const properties = {
    ...(cloudEvent && { headers: headersOf(messageId, routingKey, type, timestamp) }),
    messageId,
    correlationId: messageId,
    contentType: 'application/json',
    timestamp: Math.floor(Date.now() / 1_000),
    appId: 'bare',
    persistent: true,
    mandatory: false,
  };
  channel.publish(exchange, routingKey, content, properties, confirmed);
}

function headersOf(messageId: string, routingKey: string, type: unknown, timestamp: unknown): object {
  return {
    cloudEvents_specversion: '1.0',
    cloudEvents_id: messageId,
    cloudEvents_source: '/slipway/bare',
    cloudEvents_type: `org.slipway.${routingKey}`,
    cloudEvents_time: timestamp,
    cloudEvents_subject: `bench/${String(type)}`,
    cloudEvents_correlationid: messageId,
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
  };
}

function isSigned(request: IncomingMessage, body: Buffer, key: Buffer): boolean {
  const id = String(request.headers['webhook-id']);
  const timestamp = String(request.headers['webhook-timestamp']);
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const presented = Buffer.from(String(request.headers['webhook-signature']).slice(3), 'base64');
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}
