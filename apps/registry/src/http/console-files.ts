import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where `npm run build:console` writes the page, seen from the compiled file. */
const consoleDirectory = fileURLToPath(new URL('../../../../console/', import.meta.url));

/** What is never the page: an unknown address below these is told so as the API tells it. */
const notThePage = /^\/(?:api|auth|health|metrics)(?:[/?]|$)/;

const yearSeconds = 365 * 24 * 60 * 60;

const notBuilt = `The page is not built here, everything else works: the API is at /api/v1, its description at /api/docs.
To have the page, run "npm run build:console" where Slipway is installed, then start the registry again.
`;

/**
 * What the browser may do for the page: nothing from elsewhere, no script that is not a file of ours. Styles that the
 * component library makes at run time carry the answer's nonce; inline handlers, eval and frames are refused.
 */
const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * Serves the built page: its files at their own addresses, for good, since their names hold their content's hash; and
 * the page itself at every other address, so that a link into it works. Says what to do when it was not built.
 */
export async function serveConsole(server: FastifyInstance, directory = consoleDirectory): Promise<void> {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) {
    server.get(
      '/*',
      (request, reply) => elsewhere(request, reply) ?? reply.status(503).type('text/plain').send(notBuilt),
    );
    return;
  }
  await server.register(fastifyStatic, {
    root: join(directory, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    maxAge: yearSeconds * 1_000,
    immutable: true,
    index: false,
    decorateReply: false,
    setHeaders: (response) => void response.header('x-content-type-options', 'nosniff'),
  });
  const icon = readFileSync(join(directory, 'slipway.svg'));
  server.get('/slipway.svg', (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(icon),
  );
  const page = readFileSync(index, 'utf8');
  server.get('/*', (request, reply) => elsewhere(request, reply) ?? sendPage(reply, page));
}

/** Never kept without asking, so that a new version is seen at the next visit; the nonce is of this answer alone. */
function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(18).toString('base64');
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(nonce),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    })
    .send(page.replace('@nonce@', nonce));
}

function elsewhere(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (!notThePage.test(request.url)) return undefined;
  reply.callNotFound();
  return reply;
}
