import type { Claims } from './claims.js';

/** What a project's CI jobs may do in the registry. */
export type CiRight = 'read' | 'publish' | 'change';

/** A project of the registry, as far as its CI jobs are concerned. */
export interface CiProject {
  readonly name: string;
  readonly url: string;
  readonly gitlabId?: number | undefined;
  readonly path?: string | undefined;
  readonly ciTokens: CiRight;
}

/** A CI job, as GitLab's ID token tells of it. */
export interface CiJob {
  /** GitLab's number of the project. */
  readonly id: number;
  readonly path: string;
  readonly isProtected: boolean;
}

/** Undefined where the claims are not those of a CI job. */
export function gitlabProjectOf(claims: Claims): CiJob | undefined {
  const { project_id: id, project_path: path, job_id: jobId, ref_protected: refProtected } = claims;
  if (typeof path !== 'string' || jobId === undefined || !/^\d{1,15}$/.test(String(id))) return undefined;
  return { id: Number(id), path, isProtected: String(refProtected) === 'true' };
}

/**
 * Whether it is the same project. Numbers and paths are of one GitLab: another has a project of the same. Where both are
 * known both must fit, for a path can be taken by another project after a move.
 */
export function matches(project: CiProject, job: CiJob, issuer: string): boolean {
  if (new URL(project.url).origin !== new URL(issuer).origin) return false;
  const { gitlabId, path } = project;
  if (gitlabId === undefined && path === undefined) return false;
  return (
    (gitlabId === undefined || gitlabId === job.id) &&
    (path === undefined || path.toLowerCase() === job.path.toLowerCase())
  );
}

const order: readonly CiRight[] = ['read', 'publish', 'change'];

/** The least that the projects allow; changing from protected branches and tags alone, which not everybody can push to. */
export function ciRight(projects: readonly CiProject[], job: CiJob): CiRight {
  const allowed = Math.min(...projects.map(({ ciTokens }) => order.indexOf(ciTokens)));
  const most = job.isProtected ? 'change' : 'publish';
  return order[Math.min(allowed, order.indexOf(most))] ?? 'read';
}
