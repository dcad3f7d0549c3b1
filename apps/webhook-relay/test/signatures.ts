import { createHmac } from 'node:crypto';

/** Headers of a delivery signed as Standard Webhooks says. */
export function standardSignature(
  secret: string,
  id: string,
  body: string | Buffer,
  seconds: number = Math.floor(Date.now() / 1_000),
): Record<string, string> {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}

/** The header of a delivery signed as GitHub does: HMAC-SHA256 of the body under the secret itself. */
export function githubSignature(secret: string, body: string | Buffer): Record<string, string> {
  return {
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
}
