import type { Me } from '#api';
import type { Resource } from '#contracts';

/** Whether to offer a change at all; what may be changed in the end, the API decides. */
export function mayOffer(me: Me | undefined, resource: Resource): boolean {
  if (me === undefined || me.role === 'reader') return false;
  return me.role === 'admin' || kindsOfProjects.has(resource.kind);
}

/** The kinds that a project's owners may make and change. */
const kindsOfProjects = new Set(['project', 'credential', 'image_rule', 'subscription']);

/** Where a resource is shown. */
export const placeOf = (resource: Resource, name: string): string =>
  `/${resource.plural}/${encodeURIComponent(name)}`;
