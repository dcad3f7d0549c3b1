import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file of the documentation page. */
export interface DocsFile {
  readonly type: string;
  readonly content: Buffer;
}

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Slipway registry: the API</title>
    <link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/api/docs/swagger-ui.css">
  </head>
  <body>
    <main id="swagger-ui">The API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</main>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

/** A cookie session asks for the header that no other site's page can send. */
const start = `window.ui = SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'none',
  validatorUrl: null,
  requestInterceptor: (request) => {
    request.headers['X-Slipway-Request'] = '1';
    return request;
  },
});
`;

/** The page's files by name; those of swagger-ui come from its package, not from a network. */
export const docsFiles: Readonly<Record<string, () => DocsFile>> = {
  'index.html': () => ({ type: 'text/html; charset=utf-8', content: Buffer.from(page) }),
  'start.js': () => ({ type: 'text/javascript; charset=utf-8', content: Buffer.from(start) }),
  'swagger-ui-bundle.js': () => ofPackage('swagger-ui-bundle.js', 'text/javascript; charset=utf-8'),
  'swagger-ui.css': () => ofPackage('swagger-ui.css', 'text/css; charset=utf-8'),
  'favicon-32x32.png': () => ofPackage('favicon-32x32.png', 'image/png'),
};

function ofPackage(name: string, type: string): DocsFile {
  const directory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return { type, content: readFileSync(join(directory, name)) };
}
