import type { CiJob } from '#gitlab';
import { z } from 'zod';

/** Whose grid identity a CI job takes. */
export interface JobPerson {
  readonly name: string;
  /** Paths of GitLab groups, as far as GitLab vouches for them. */
  readonly groups: readonly string[];
}

/** A person, and how sure one is: an ID token, GitLab's API, or a variable that nobody checked. */
export interface KnownPerson {
  readonly person: JobPerson;
  /** By what, in words for the trace. */
  readonly known: string;
}

/** `words`: why nobody can be said to be behind it. */
export type PersonFound = KnownPerson | { readonly words: string };

/** The variable that a job's ID token is expected in. */
export const idTokenVariable = 'SLIPWAY_ID_TOKEN';
const loginVariable = 'GITLAB_USER_LOGIN';
const mostGroups = 1_000;
const mostLetters = 255;

const remedy = `give the job an ID token (id_tokens: ${idTokenVariable})`;

/** All that a variable is said to be: GitLab sends its own first, and then what the project and the job set. */
export function valuesOf({ variables }: CiJob, name: string): readonly string[] {
  return [
    ...new Set(variables.filter(({ key, value }) => key === name && value !== '').map(({ value }) => value)),
  ];
}

/** What GitLab says itself of who started the job, where nothing else is known of it. */
export function sayingOfGitLab(job: CiJob): PersonFound {
  const [login, ...others] = valuesOf(job, loginVariable);
  if (login === undefined) return { words: `GitLab does not say who started this job: ${remedy}` };
  if (others.length > 0) {
    const words = `${loginVariable} is set by the project or the job itself, so nobody can say who started it: remove that variable, or ${remedy}`;
    return { words };
  }
  return named(login, [], 'as GITLAB_USER_LOGIN says, which nobody checked');
}

/** What GitLab says when it is asked by the number of the account. */
export function sayingOfAccount(job: CiJob, username: string): PersonFound {
  const [login = username] = valuesOf(job, loginVariable);
  if (!sameName(login, username)) return { words: lie(login, username) };
  return named(username, [], 'by the account in GitLab');
}

/** Numbers are texts in GitLab's tokens. */
const number = z.union([z.number(), z.string()]).transform(String);

const claimsSchema = z.object({
  user_login: z.string().min(1),
  user_id: number.optional(),
  project_id: number,
  job_id: number,
  sha: z.string(),
  groups_direct: z.array(z.string()).optional().catch(undefined),
});

/** What the claims of an ID token say, whose signature, issuer, audience and time are right. */
export function sayingOfClaims(job: CiJob, content: unknown): PersonFound {
  const parsed = claimsSchema.safeParse(content);
  if (!parsed.success) return { words: `${idTokenVariable} is not the ID token of a CI job` };
  const claims = parsed.data;
  const { job_info: info, git_info: git } = job;
  const wrong =
    differs('job', claims.job_id, String(job.id)) ??
    differs('project', claims.project_id, String(info.project_id)) ??
    differs('commit', claims.sha, git.sha) ??
    (info.user_id > 0 && claims.user_id !== undefined
      ? differs('account', claims.user_id, String(info.user_id))
      : undefined);
  if (wrong) return { words: `${idTokenVariable} is the token of ${wrong}` };
  const lies = valuesOf(job, loginVariable).find((login) => !sameName(login, claims.user_login));
  if (lies !== undefined) return { words: lie(lies, claims.user_login) };
  return named(claims.user_login, claims.groups_direct ?? [], 'by its ID token');
}

const differs = (what: string, said: string, is: string): string | undefined =>
  said === is ? undefined : `another ${what}: ${said} instead of ${is}`;

const lie = (said: string, is: string): string =>
  `${loginVariable} says ${said}, but ${is} started this job: remove that variable`;

/** GitLab's user names differ in more than case. */
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function named(name: string, groups: readonly string[], known: string): PersonFound {
  if (name.length > mostLetters) return { words: 'the user name of who started this job is too long' };
  const usable = groups.filter((group) => group.length <= mostLetters).slice(0, mostGroups);
  return { person: { name, groups: usable }, known };
}
