import { permanent } from '#errors';
import type { FastifyInstance } from 'fastify';
import type { DeclaredRoute } from './declared-routes.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** `<method> <address>` of all routes, those too that no controller has and so no guard stands before. */
    routeCensus?: string[];
  }
}

/** Routes of Fastify's own, which are open to all: the page's files. */
const openRoutes: readonly string[] = ['GET /*', 'GET /assets/*', 'GET /slipway.svg'];

/** Counts the routes that are registered from now on. */
export function beginRouteCensus(
  server: Pick<FastifyInstance, 'decorate' | 'addHook' | 'routeCensus'>,
): void {
  const routes: string[] = [];
  server.decorate('routeCensus', routes);
  server.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push(`${one} ${url}`);
  });
}

/** @throws AppError `access.undeclared_route` (permanent) that names every route that no guard stands before */
export function refuseUnguarded(census: readonly string[], declared: readonly DeclaredRoute[]): void {
  const guarded = new Set([...openRoutes, ...declared.map(({ method, path }) => `${method} ${path}`)]);
  // Fastify answers HEAD by the handler of GET.
  const unguarded = census.filter((route) => !guarded.has(route.replace(/^HEAD /, 'GET ')));
  if (unguarded.length === 0) return;
  throw permanent('access.undeclared_route', `no guard stands before these routes: ${unguarded.join(', ')}`);
}
