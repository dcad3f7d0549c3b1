import { slipwayVersion } from '#service';
import { permanent } from '#errors';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { type DeclaredRoute, routesOf } from '../http/declared-routes.js';
import { OPERATION, type OperationParts } from '../http/operation.decorator.js';
import type { Components } from './json-schema.js';
import { operationObject } from './operation-object.js';

type Controllers = readonly (new (...given: never[]) => object)[];

/** The OpenAPI 3.1 document of all controllers' routes. */
export class OpenApi {
  private routes: readonly DescribedRoute[] = [];
  private paths: readonly PathMethods[] = [];
  private made: object | undefined;

  /** @throws permanent `openapi.undeclared_route` that names every route without `@Operation` */
  describe(controllers: Controllers): void {
    const routes = controllers.flatMap((controller) =>
      routesOf([controller]).map((route) => ({ ...route, operation: operationOf(controller, route) })),
    );
    const undeclared = routes.filter(({ operation }) => operation === undefined);
    if (undeclared.length > 0) {
      const names = undeclared
        .map(({ handler, method, path }) => `${method} ${path} (${handler})`)
        .join(', ');
      throw permanent(
        'openapi.undeclared_route',
        `these routes do not say what they take and answer: ${names}`,
      );
    }
    this.routes = routes;
    this.paths = pathMethods(routes);
    this.made = undefined;
  }

  /** Made when it is first asked for: most of the processes that start are never asked. */
  get document(): object {
    return (this.made ??= documentOf(this.routes));
  }

  /** The methods of the path in the document that this one is; none where there is none. A name goes before a parameter. */
  methodsOf(path: string): readonly string[] {
    const fitting = this.paths.filter(({ pattern }) => pattern.test(path));
    const fewest = Math.min(...fitting.map(({ parameters }) => parameters));
    const methods = fitting.flatMap(({ parameters, method }) => (parameters === fewest ? [method] : []));
    return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  }
}

interface PathMethods {
  readonly pattern: RegExp;
  readonly method: string;
  /** How many parameters the path has. */
  readonly parameters: number;
}

interface DescribedRoute extends DeclaredRoute {
  readonly operation: OperationParts | undefined;
}

function operationOf(controller: Controllers[number], route: DeclaredRoute): OperationParts | undefined {
  const name = route.handler.slice(route.handler.lastIndexOf('.') + 1);
  const handler = (controller.prototype as Readonly<Record<string, unknown>>)[name];
  if (
    typeof handler !== 'function' ||
    Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod[route.method as 'GET']
  )
    return undefined;
  return Reflect.getMetadata(OPERATION, handler) as OperationParts | undefined;
}

function documentOf(routes: readonly DescribedRoute[]): object {
  const components: Components = {};
  const paths: Record<string, Record<string, object>> = {};
  const ids = new Map<string, number>();
  for (const { method, path, operation, handler, need } of routes) {
    if (!operation) continue;
    // One handler can have several addresses.
    const nth = (ids.get(handler) ?? 0) + 1;
    ids.set(handler, nth);
    const id = nth === 1 ? handler : `${handler}.${nth}`;
    const template = path.replaceAll(/:(\w+)/g, '{$1}');
    const methods = (paths[template] ??= {});
    methods[method.toLowerCase()] = operationObject(id, operation, need, components);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Slipway registry',
      version: slipwayVersion(),
      description:
        'Projects, credentials, image rules and all else that admins register. Every error is a problem (RFC 9457) with a stable code. Lists come in pages: ask again with the cursor under `next`. A change names the version that it is made on by If-Match; a POST that names an Idempotency-Key can be sent again.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { session: [] }],
    tags: [...new Set(routes.flatMap(({ operation }) => (operation ? [operation.tag] : [])))].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'an API key, or a token of the sign-in provider',
        },
        session: { type: 'apiKey', in: 'cookie', name: 'slipway_session', description: "the page's session" },
      },
    },
  };
}

const pathMethods = (routes: readonly DescribedRoute[]): readonly PathMethods[] =>
  routes.map(({ method, path }) => ({
    method,
    parameters: path.split(':').length - 1,
    pattern: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/:\w+/g, '[^/]+')}/?$`),
  }));
