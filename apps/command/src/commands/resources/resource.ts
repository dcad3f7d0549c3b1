import type { PastRepresentation, Representation, ShownSecret } from '#api';
import type { RegistryClient } from '../../clients/registry.client.js';
import { isProblem } from '../../clients/problem-error.js';
import { permanent } from '#errors';
import { type Kind, kinds } from './kinds.js';

/** The fields of a resource as they were written. */
export type Spec = Readonly<Record<string, unknown>>;

/** A resource as it is answered; of a credential, with its secrets' descriptions. */
export type ResourceState = Representation<Spec> & { readonly secrets?: readonly ShownSecret[] };

/** One of the states that `GET …/history` tells, with who made it and when. */
export type PastState = PastRepresentation<Spec>;

/** The kind of resource that is called so in the plural. */
export function kindOf(plural: string): Kind {
  const kind = kinds.find((each) => each.plural === plural);
  if (kind === undefined) throw new Error(`no kind is called ${plural}`);
  return kind;
}

/** Where one of a kind is in the API; a name may hold what a path may not. */
export const pathOf = (plural: string, name: string): string => `/${plural}/${encodeURIComponent(name)}`;

/** A resource with its ETag. Throws `command.not_found`, with the name that was probably meant. */
export async function readResource(
  registry: RegistryClient,
  plural: string,
  name: string,
  at?: string,
): Promise<{ readonly state: ResourceState; readonly etag: string }> {
  try {
    const { body, etag } = await registry.request<ResourceState>('GET', pathOf(plural, name), {
      query: { at },
    });
    return { state: body, etag: etag ?? `"${body.version}"` };
  } catch (error) {
    if (isProblem(error, 404)) throw await notFound(registry, plural, name);
    throw error;
  }
}

/** That there is no such thing, and what was probably meant. */
export async function notFound(registry: RegistryClient, plural: string, name: string): Promise<Error> {
  const [{ didYouMean }, names] = await Promise.all([
    import('#settings'),
    registry.all<ResourceState>(`/${plural}`, {}, 1_000).then(
      (found) => found.map((each) => each.name),
      () => [],
    ),
  ]);
  const meant = didYouMean(name, names);
  return permanent('command.not_found', `there is no ${kindOf(plural).title} "${name}"${meant}`);
}
