import type { SpawnedService } from '#lab';
import { type OpenidStandIn, startOpenidProvider } from '../../../../test/stand-ins/openid-provider/start.js';
import { askingWith } from '../asking.js';
import { registryWorld } from '../registry-world.js';
import { expectations } from './expectations.js';
import { requestFor } from './request-for.js';
import { bodyOf, things } from './things.js';
import { everybody, tokensOf, type Tokens, type Who } from './who.js';

const publicUrl = 'https://slipway.example.org';

type Verdict = 'let in' | 'asked to sign in' | 'refused' | `failed: ${number}`;

describe('every route', () => {
  let provider: OpenidStandIn;
  let copy: SpawnedService;
  let tokens: Tokens;
  let routes: readonly string[];

  beforeAll(async () => {
    provider = await startOpenidProvider({ redirectUris: [`${publicUrl}/auth/callback`] });
    const world = await registryWorld(import.meta.url);
    copy = await world.start({
      SLIPWAY_PUBLIC_URL: publicUrl,
      SLIPWAY_OIDC_ISSUER: provider.issuer,
      SLIPWAY_GITLAB_ISSUERS: provider.issuer,
    });
    const adminKey = await world.adminKey(copy);
    const admin = askingWith(copy.url, adminKey);
    const theirs = { name: 'theirs', url: `${provider.issuer}/cms/theirs`, gitlabId: 43 };
    const made = [await admin('POST', '/api/v1/projects', theirs)];
    for (const plural of Object.keys(things))
      made.push(await admin('POST', `/api/v1/${plural}`, bodyOf(plural, provider.issuer)));
    const failed = made.filter(({ status }) => status !== 201);
    if (failed.length > 0) throw new Error(failed.map(({ text }) => text).join('\n'));
    tokens = await tokensOf({ copy, adminKey, provider, publicUrl });
    routes = await routesOf(copy.url);
  });
  afterAll(async () => {
    await copy.kill();
    await provider.stop();
  });

  it('has its line in the matrix, and each line its route', () => {
    expect(routes.filter((route) => expectations[route] === undefined)).toEqual([]);
    expect(Object.keys(expectations).filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('lets in whom it should, and nobody else', async () => {
    const seen: Record<string, Partial<Record<Who, Verdict>>> = {};
    const expected: typeof seen = {};
    for (const route of routes) {
      for (const who of everybody) {
        const verdict = await verdictOn(route, tokens[who]);
        (seen[route] ??= {})[who] = verdict;
        (expected[route] ??= {})[who] = expectedOf(who, expectations[route] ?? []);
      }
    }
    expect(seen).toEqual(expected);
  });

  async function verdictOn(route: string, token: string | undefined): Promise<Verdict> {
    const { method, path, headers, body } = requestFor(route, provider.issuer, tokens.admin ?? '');
    const response = await fetch(`${copy.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    // Not read: a stream of events has no end.
    await response.body?.cancel();
    if (response.status >= 500) return `failed: ${response.status}`;
    if (response.status === 401) return 'asked to sign in';
    return response.status === 403 ? 'refused' : 'let in';
  }
});

function expectedOf(who: Who, letIn: readonly Who[]): Verdict {
  if (letIn.includes(who)) return 'let in';
  return who === 'nobody' || who === 'expired key' ? 'asked to sign in' : 'refused';
}

/** As the application itself lists them: it does not start with a route that is not in this document. */
async function routesOf(url: string): Promise<readonly string[]> {
  const { body } = await askingWith(url)('GET', '/api/openapi.json');
  const { paths } = body as { readonly paths: Readonly<Record<string, object>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}
