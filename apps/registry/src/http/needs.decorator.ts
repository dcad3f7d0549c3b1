import { SetMetadata } from '@nestjs/common';

/**
 * What a route needs: `nobody` is open to all; `reader` whoever is signed in; `owner` who may own a project, and then
 * the handler asks `domain/access` about the project at hand; `admin` admins.
 */
export type Need = 'nobody' | 'reader' | 'owner' | 'admin';

export const NEED = Symbol('registry:need');

/** Stands on every route: the service does not start while one lacks it. */
export const Needs = (need: Need): MethodDecorator => SetMetadata(NEED, need);
