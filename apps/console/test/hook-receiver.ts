import { createServer } from 'node:http';
import { listenOnFreePort } from '#embedded';

/** A receiver of webhooks: a real HTTP server that answers with the status that it was told last. */
export interface HookReceiver {
  readonly url: string;
  /** The webhook-id of each event that came. */
  readonly ids: readonly string[];
  answerWith(status: number): void;
  close(): void;
}

/** On a free port of this machine; answers 204 until told otherwise. */
export async function hookReceiver(): Promise<HookReceiver> {
  const ids: string[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    ids.push(String(request.headers['webhook-id']));
    request.resume().on('end', () => response.writeHead(status).end(status === 204 ? '' : 'not today'));
  });
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    ids,
    answerWith: (told) => (status = told),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
