import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { listenOnFreePort } from '#embedded';

/** A delivery as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The CloudEvent. */
  readonly event: { readonly id: string; readonly type: string; readonly data: Record<string, unknown> };
}

/** A receiver of webhooks: a real HTTP server that answers as it is told, and remembers. */
export interface Receiver {
  readonly port: number;
  readonly received: readonly Received[];
  /** What came to this path. */
  at(path: string): readonly Received[];
  close(): void;
}

/** @param answer called with each delivery, when it is read; 204 unless told */
export async function startReceiver(
  answers: Readonly<Record<string, (response: ServerResponse, count: number) => void>>,
): Promise<Receiver> {
  const received: Received[] = [];
  const at = (path: string): readonly Received[] => received.filter((one) => one.path === path);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, text, event: JSON.parse(text) as Received['event'] });
      const answer = answers[path];
      if (answer) answer(response, at(path).length);
      else response.writeHead(204).end();
    });
  });
  const port = await listenOnFreePort(server);
  return {
    port,
    received,
    at,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Which of these secrets have signed, by the words of Standard Webhooks 1.0 alone. */
export function signersOf({ headers, text }: Received, secrets: readonly string[]): readonly string[] {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  const presented = String(signature).split(' ');
  return secrets.filter((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const content = `${String(id)}.${String(timestamp)}.${text}`;
    return presented.includes(`v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  });
}
