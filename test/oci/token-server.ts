import { createServer } from 'node:http';
import { listenOnFreePort } from '#embedded';

/** A request for a token, as it came. */
export interface TokenRequest {
  readonly service: string | null;
  readonly scopes: readonly string[];
  readonly authorization: string | undefined;
}

/** `realm` is what a registry's challenge names; `asked` holds all requests, in order. */
export interface TokenServer {
  readonly realm: string;
  readonly asked: TokenRequest[];
  stop(): Promise<void>;
}

/** A token for this request, or the status that refuses it. */
export type IssueToken = (request: TokenRequest) => object | number;

/** A stand-in for a registry's token server (Docker token authentication specification). */
export async function startTokenServer(issue: IssueToken): Promise<TokenServer> {
  const asked: TokenRequest[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://here');
    const one = {
      service: searchParams.get('service'),
      scopes: searchParams.getAll('scope'),
      authorization: request.headers.authorization,
    };
    asked.push(one);
    const issued = issue(one);
    if (typeof issued === 'number') response.writeHead(issued).end('{}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(issued));
  });
  const port = await listenOnFreePort(server);
  return {
    realm: `http://127.0.0.1:${port}/token`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
