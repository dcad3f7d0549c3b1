import { SetMetadata } from '@nestjs/common';

/**
 * What a route needs: `nobody` is open to all; `reader` whoever is signed in; `owner` who may own a project, and then
 * the handler asks `#access` about the project at hand; `admin` admins.
 */
export type Need = 'nobody' | 'reader' | 'owner' | 'admin';

/** The metadata in which the guard, and the check of all routes at the start, find what a route needs. */
export const NEED = Symbol('registry:need');

/** Stands on every route: the service does not start while one lacks it. */
export const Needs = (need: Need): MethodDecorator => SetMetadata(NEED, need);

/** The metadata in which the guard finds that a route takes the bootstrap key. */
export const TAKES_BOOTSTRAP_KEY = Symbol('registry:takes-bootstrap-key');

/** Stands where the bootstrap key is exchanged: everywhere else it opens nothing. */
export const TakesBootstrapKey = (): MethodDecorator => SetMetadata(TAKES_BOOTSTRAP_KEY, true);
