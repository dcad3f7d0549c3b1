import { resources } from '#contracts';
import type { SpawnedService } from '#lab';
import { askingWith } from './asking.js';
import { registryWorld, type RegistryWorld } from './registry-world.js';

interface Operation {
  readonly operationId: string;
  readonly 'x-needs': string;
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

describe('the OpenAPI document of a running registry', () => {
  let world: RegistryWorld;
  let registry: SpawnedService;
  let document: Document;

  beforeAll(async () => {
    world = await registryWorld(import.meta.url);
    registry = await world.start({ SLIPWAY_LOG_LEVEL: 'debug' });
    const answer = await askingWith(registry.url)('GET', '/api/openapi.json');
    document = answer.body as Document;
  });
  afterAll(() => registry.kill());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  it('has every route that Nest registered, whatever module it is of', () => {
    // Nest says "Mapped {/api/v1/projects/:name, GET} route" of each.
    const mapped = registry
      .logs()
      .flatMap((line) => [...line.matchAll(/Mapped \{([^,]+), (\w+)\}/g)])
      .map(([, path = '', method = '']) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const told = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(mapped.length).toBeGreaterThan(50);
    expect(told.toSorted()).toEqual([...new Set(mapped)].toSorted());
  });

  it('has the six routes of every kind', () => {
    for (const { plural } of resources) {
      expect(Object.keys(document.paths[`/api/v1/${plural}`] ?? {})).toEqual(
        expect.arrayContaining(['get', 'post']),
      );
      expect(Object.keys(document.paths[`/api/v1/${plural}/{name}`] ?? {})).toEqual(
        expect.arrayContaining(['get', 'put', 'delete']),
      );
      expect(Object.keys(document.paths[`/api/v1/${plural}/{name}/history`] ?? {})).toEqual(['get']);
    }
  });

  it('has operations with names of their own, what they need, and refers to nothing that is not there', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations())
      expect(operation['x-needs']).toMatch(/^(nobody|reader|owner|admin)$/);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    for (const [, name = ''] of references) expect(Object.keys(document.components.schemas)).toContain(name);
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('is shown as a page whose files all come from here', async () => {
    const asking = askingWith(registry.url);
    const page = await asking('GET', '/api/docs');
    expect(page).toMatchObject({ status: 200 });
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(await asking('GET', file)).toMatchObject({ status: 200 });
    expect(page.text).not.toMatch(/https?:\/\//);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await asking('GET', '/api/docs/none.js')).toMatchObject({ status: 404 });
  });
});
