import type { ResourceKind } from '#contracts';
import { type Identity, isPerson } from './identity.js';

/** What of a project decides on who may change it. */
export interface ProjectOwners {
  readonly name: string;
  readonly owners?: readonly string[] | undefined;
  readonly ownerGroups?: readonly string[] | undefined;
}

/** Which things of a kind somebody sees. */
export interface ReadScope {
  /** Of these projects only; undefined: of all. */
  readonly projects: readonly string[] | undefined;
  /** Whether also what belongs to no project. */
  readonly house: boolean;
}

/** What belongs to no project is of no use to a narrow key, except what tells it where images go. */
const houseKindsForNarrow: readonly ResourceKind[] = [
  'image_rule',
  'cvmfs_repository',
  'container_registry',
  'backend',
];

/** Whoever is signed in reads everything, except that a narrow key or token stays in its projects. */
export function readScope(identity: Identity, kind: ResourceKind): ReadScope {
  const { onlyProjects } = identity;
  return { projects: onlyProjects, house: !onlyProjects || houseKindsForNarrow.includes(kind) };
}

/** `project` is the name of the project that the thing belongs to; undefined where it belongs to none. */
export function mayRead(identity: Identity, kind: ResourceKind, project: string | undefined): boolean {
  const { projects, house } = readScope(identity, kind);
  return project === undefined ? house : !projects || projects.includes(project);
}

/** Whether the project counts them among its owners; admins are not asked. */
export function isOwner(identity: Identity, project: ProjectOwners): boolean {
  if (identity.role === 'reader') return false;
  if (identity.via === 'api-key') return isWithin(identity, project.name);
  if (identity.via === 'ci-token') return identity.ciRight === 'change' && isWithin(identity, project.name);
  if (!isPerson(identity)) return false;
  const { owners = [], ownerGroups = [] } = project;
  return (
    owners.includes(identity.subject) ||
    owners.includes(identity.name) ||
    ownerGroups.some((group) => identity.groups.includes(group))
  );
}

/**
 * Whether they may make, change or remove a thing of this kind that belongs to this project; of a project itself, give
 * it as it was before the change. A thing that moves needs the right in both projects. What belongs to no project, and a
 * project that is new, are for admins.
 */
export function mayChange(
  identity: Identity,
  _kind: ResourceKind,
  project: ProjectOwners | undefined,
): boolean {
  if (identity.role === 'admin') return true;
  return project !== undefined && isOwner(identity, project);
}

/** What an owner cannot give themselves: more of the grid, and the CI tokens and jobs of another GitLab project. */
const fieldsOfAdmins: Readonly<Partial<Record<ResourceKind, readonly string[]>>> = {
  project: ['kind', 'gitlabId', 'path', 'limits'],
};

/** The fields of a change that are for admins alone; empty where the change is fine. */
export function refusedFields(
  identity: Identity,
  kind: ResourceKind,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (identity.role === 'admin') return [];
  const same = (field: string): boolean => canonical(before[field]) === canonical(after[field]);
  return (fieldsOfAdmins[kind] ?? []).filter((field) => !same(field));
}

/**
 * Whether what they write may name this resource: a credential is used by those whose project it belongs to, else an
 * owner of one project could put another's to work.
 */
export function mayReference(
  identity: Identity,
  referenced: { readonly kind: ResourceKind; readonly project: string | undefined },
  fromProject: string | undefined,
): boolean {
  if (identity.role === 'admin' || referenced.kind !== 'credential') return true;
  return referenced.project !== undefined && referenced.project === fromProject;
}

/** Publishing an image now, or taking it down: a project's owners, and publishing also its CI jobs. */
export function mayPublish(identity: Identity, project: ProjectOwners | undefined): boolean {
  if (mayChange(identity, 'image_rule', project)) return true;
  return identity.ciRight === 'publish' && project !== undefined && isWithin(identity, project.name);
}

/** Jobs of a project are handed in by its owners, and by its CI jobs that may do more than read. */
export function maySubmitJobs(identity: Identity, project: ProjectOwners | undefined): boolean {
  if (mayChange(identity, 'project', project)) return true;
  return identity.ciRight === 'publish' && project !== undefined && isWithin(identity, project.name);
}

/** The audit trail of a project is for its owners; of what belongs to none, for admins. */
export const mayReadAudit = (identity: Identity, project: ProjectOwners | undefined): boolean =>
  identity.role === 'admin' || (project !== undefined && isOwner(identity, project));

const isWithin = ({ onlyProjects }: Identity, project: string): boolean =>
  onlyProjects?.includes(project) ?? false;

/** The same text for the same value, whatever order its fields were written in. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
