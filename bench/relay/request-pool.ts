import { createHmac } from 'node:crypto';

/** What both servers are asked to take: a payload of 1 KB, signed as Standard Webhooks says, different each time. */
export interface PoolOptions {
  readonly path: string;
  /** `whsec_…` */
  readonly secret: string;
  readonly bytes: number;
  readonly count: number;
}

/** Whole HTTP requests, ready to be written: signing is not what the load generator should spend its time on. */
export function requestPool({ path, secret, bytes, count }: PoolOptions): readonly Buffer[] {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return Array.from({ length: count }, (_, index) => {
    const seconds = Math.floor(Date.now() / 1_000);
    const envelope = { type: 'bench.tick', timestamp: new Date().toISOString(), data: { index, text: '' } };
    envelope.data.text = 'x'.repeat(bytes - JSON.stringify(envelope).length);
    const body = JSON.stringify(envelope);
    const id = `msg_${index}_${seconds}`;
    const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    return Buffer.from(
      [
        `POST ${path} HTTP/1.1`,
        'host: localhost',
        'content-type: application/json',
        `content-length: ${Buffer.byteLength(body)}`,
        `webhook-id: ${id}`,
        `webhook-timestamp: ${seconds}`,
        `webhook-signature: v1,${signature}`,
        '',
        body,
      ].join('\r\n'),
    );
  });
}
