import { once } from 'node:events';
import { createServer } from 'node:http';
import { operationalAnswers, type OperationalParts } from './operational-answers.js';

/** Holds the port until the service's own server takes it over. */
export interface StartUpServer {
  /** Frees the port. */
  close(): Promise<void>;
}

/**
 * Serves the operational pages, and 503 for the rest, while the service is still being put together: that may wait for
 * a database, and a supervisor must see that the process lives and a person why it is not ready. Also the first to say
 * that the port is taken.
 */
export async function openStartUpServer(
  address: { readonly host: string; readonly port: number },
  parts: OperationalParts,
): Promise<StartUpServer> {
  const answers = operationalAnswers(parts);
  const starting = JSON.stringify({ status: 'not ready', service: parts.service });
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    const answer = request.method === 'GET' ? answers[request.url ?? ''] : undefined;
    if (!answer) {
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '5' }).end(starting);
      return;
    }
    answer().then(
      ({ status, contentType, body }) =>
        response.writeHead(status, { 'content-type': contentType }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return {
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
