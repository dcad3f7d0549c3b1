import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { makeKey } from './keys.js';
import { standInPeople } from './people.js';
import { makeProvider } from './provider.js';
import { settings } from './settings.js';

const given = settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const issuer = `http://127.0.0.1:${given.port}`;
let key = await makeKey();
let provider = makeProvider(issuer, given, key);

type Answer = (request: IncomingMessage, response: ServerResponse, rest: string) => Promise<void>;

const routes: readonly (readonly [string, Answer])[] = [
  ['POST /stand-in/rotate-keys', rotateKeys],
  ['POST /stand-in/jwt', sign],
  ['GET /stand-in/sign-in/', showPeople],
  ['POST /stand-in/sign-in/', signIn],
];

/** From now on another key signs, and the one before is not known any more. */
async function rotateKeys(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  key = await makeKey();
  provider = makeProvider(issuer, given, key);
  response.writeHead(204).end();
}

/** Signs any claims: as a provider's access tokens, or as GitLab's tokens of CI jobs. */
async function sign(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const claims = JSON.parse(await text(request)) as Record<string, unknown>;
  const now = Math.floor(Date.now() / 1_000);
  const token = await key.sign({ iss: issuer, iat: now, exp: now + 300, ...claims });
  response.writeHead(200, { 'content-type': 'text/plain' }).end(token);
}

async function showPeople(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const buttons = standInPeople.map(
    ({ sub, preferred_username: name }) => `<button name="sub" value="${sub}">${name}</button>`,
  );
  const page = `<!doctype html><html lang="en"><title>Sign in</title><h1>Who are you?</h1><form method="post">${buttons.join(' ')}</form></html>`;
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
}

async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const accountId = new URLSearchParams(await text(request)).get('sub') ?? '';
  await provider.interactionFinished(request, response, { login: { accountId } });
}

const server = createServer((request, response) => {
  const asked = `${request.method} ${request.url}`;
  const [path, answer] = routes.find(([start]) => asked.startsWith(start)) ?? ['', undefined];
  const work = answer
    ? answer(request, response, asked.slice(path.length))
    : provider.callback()(request, response);
  work.catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    response.writeHead(500).end(String(error));
  });
});

server.listen(given.port, '127.0.0.1', () => process.stdout.write(`listening ${issuer}\n`));
process.on('SIGTERM', () => process.exit(0));
