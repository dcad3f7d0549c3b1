import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { permanent } from '#errors';
import { NEED, type Need } from './needs.decorator.js';

/** A route of a controller, and what it needs. */
export interface DeclaredRoute {
  readonly method: string;
  /** As it is registered, e.g. `/api/v1/projects/:name`. */
  readonly path: string;
  readonly need: Need | undefined;
  /** `<controller>.<method>`, to find it by. */
  readonly handler: string;
}

/** The routes of these controllers. */
export function routesOf(
  controllers: readonly (new (...given: never[]) => object)[],
): readonly DeclaredRoute[] {
  return controllers.flatMap((controller) => {
    const prefixes = pathsOf(controller);
    const prototype = controller.prototype as Readonly<Record<string, unknown>>;
    return methodNames(prototype).flatMap((name) => {
      const handler = prototype[name];
      if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
      const need = Reflect.getMetadata(NEED, handler) as Need | undefined;
      return prefixes.flatMap((prefix) =>
        pathsOf(handler).map((path) => ({
          method,
          path: joined(prefix, path),
          need,
          handler: `${controller.name}.${name}`,
        })),
      );
    });
  });
}

/** @throws AppError `access.undeclared_route` (permanent) that names every route without `@Needs` */
export function refuseUndeclared(routes: readonly DeclaredRoute[]): void {
  const undeclared = routes.filter(({ need }) => need === undefined);
  if (undeclared.length === 0) return;
  const names = undeclared.map(({ handler, method, path }) => `${method} ${path} (${handler})`);
  throw permanent('access.undeclared_route', `these routes do not say what they need: ${names.join(', ')}`);
}

function methodNames(prototype: object | null): readonly string[] {
  if (prototype === null || prototype === Object.prototype) return [];
  const inherited = methodNames(Object.getPrototypeOf(prototype) as object | null);
  const own = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  return [...new Set([...own, ...inherited])];
}

function pathsOf(target: object): readonly string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | readonly string[] | undefined;
  return typeof path === 'object' ? path : [path ?? ''];
}

const joined = (...parts: readonly string[]): string =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/')}`;
