import { type Reference, type Resource, type ResourceKind, resources } from '#contracts';
import { permanent } from '#errors';
import type { EntityManager } from 'typeorm';
import { mayChange, mayReference, type ProjectOwners, refusedFields, type Identity } from '#access';
import type { StoredResource } from '../domain/stored-resource.js';
import { FieldsRefused } from '../domain/fields-refused.js';
import type { ResourceStore } from '../storage/resource.store.js';
import type { Written } from './companion.js';

/** Who owns a project; undefined where there is no such project, or none is named. */
export async function ownersOf(
  store: ResourceStore,
  name: string | undefined,
  manager?: EntityManager,
): Promise<ProjectOwners | undefined> {
  if (name === undefined) return undefined;
  const project = await store.current('project', name, manager);
  return project && { ...(project.spec as Omit<ProjectOwners, 'name'>), name };
}

/** A change that is asked for, and what it would change. */
export interface Asked {
  readonly resource: Resource;
  readonly before: StoredResource | undefined;
  /** Undefined: it is to be removed. */
  readonly after: Written | undefined;
  /** To which project it would belong. */
  readonly project: string | undefined;
}

/**
 * A thing that moves from one project to another needs the right in both.
 *
 * @throws permanent `access.forbidden`
 */
export async function refuseUnlessMayChange(
  store: ResourceStore,
  manager: EntityManager,
  identity: Identity,
  { resource, before, after, project }: Asked,
): Promise<void> {
  if (identity.role === 'admin') return;
  const projects = [...(before ? [before.project] : []), ...(after ? [project] : [])];
  for (const name of new Set(projects)) {
    if (mayChange(identity, resource.kind, await ownersOf(store, name, manager))) continue;
    const of = name === undefined ? 'what belongs to no project' : `the project ${name}`;
    throw forbidden(`only admins${name === undefined ? '' : ' and owners'} may change ${of}`);
  }
  if (!after) return;
  const fields = refusedFields(identity, resource.kind, (before?.spec ?? {}) as Written, after);
  if (fields.length > 0)
    throw forbidden(`only admins may change ${fields.join(', ')} of a ${resource.title}`);
}

/** @throws FieldsRefused `resource.unknown_reference`; permanent `access.forbidden` */
export async function refuseUnknownReferences(
  store: ResourceStore,
  manager: EntityManager,
  identity: Identity,
  from: {
    readonly references: readonly Reference[];
    readonly project: string | undefined;
    readonly at?: readonly PropertyKey[];
  },
): Promise<void> {
  const existing = await store.existing(manager, from.references);
  const found = from.references.map((reference) => ({
    reference,
    stored: existing.find(({ kind, name }) => kind === reference.kind && name === reference.name),
  }));
  const issues = found
    .filter(({ stored }) => !stored)
    .map(({ reference: { kind, name, path } }) => ({
      path: [...(from.at ?? []), ...path],
      message: `there is no ${titleOf(kind)} "${name}"`,
    }));
  if (issues.length > 0) {
    const told = issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');
    throw new FieldsRefused('resource.unknown_reference', told, issues);
  }
  for (const { stored } of found) {
    if (!stored || mayReference(identity, stored, from.project)) continue;
    throw forbidden(`the ${titleOf(stored.kind)} ${stored.name} does not belong to the same project`);
  }
}

const titleOf = (kind: ResourceKind): string => resources.find((each) => each.kind === kind)?.title ?? kind;

const forbidden = (message: string): Error => permanent('access.forbidden', message, { level: 'info' });
