import { type Resource, type ResourceKind, resources } from '#contracts';
import { z } from 'zod';

// Compiled checks are made by `new Function`, which the content security policy forbids.
z.config({ jitless: true });

/** The kind that an address of the page names, e.g. `image-rules`; undefined: there is no such page. */
export const resourceOfPlural = (plural: string): Resource | undefined =>
  resources.find((resource) => resource.plural === plural);

/** How the page knows a kind: its schema, its names. */
export function resourceOfKind(kind: ResourceKind): Resource {
  const resource = resources.find((one) => one.kind === kind);
  if (!resource) throw new Error(`there is no kind ${kind}`);
  return resource;
}
