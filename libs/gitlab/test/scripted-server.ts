import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnFreePort } from '#embedded';

/** A request as it came, its body whole: what tests look at to see what a client sends. */
export interface Heard {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The port of the connection at its other end: the same for what came over one connection. */
  readonly from: number | undefined;
}

/** What is answered; nothing is added but what Node itself sends. An absent body is an empty one. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Decides over each request when its body is there; `hang_up` closes the connection without an answer. */
export type Script = (heard: Heard) => Reply | 'hang_up';

/** On a free port of 127.0.0.1. Until told otherwise it answers 500. */
export interface ScriptedServer {
  readonly url: string;
  readonly heard: Heard[];
  /** How it answers from now on. */
  answers: Script;
  close(): Promise<void>;
}

/** A real HTTP server that answers as a test says, and remembers what it was asked. */
export async function scriptedServer(): Promise<ScriptedServer> {
  const heard: Heard[] = [];
  const own = { url: '', heard, answers: (): Reply => ({ status: 500 }), close };
  const server = createServer((request, response) => void reply(request, response));
  own.url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  return own;

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece as Buffer);
    } catch {
      return;
    }
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, headers, body: Buffer.concat(pieces), from: request.socket.remotePort };
    heard.push(one);
    const answer = (own.answers as Script)(one);
    if (answer === 'hang_up') request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** An answer of GitLab's API, whose content is serialized here. */
export const json = (status: number, content: unknown, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(content),
});
