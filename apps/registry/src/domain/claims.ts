import type { Identity, SignInWay } from '#access';

/** What a provider says of somebody: the claims of an ID token, an access token or the userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>;

/** Somebody as a provider knows them. */
export interface Person {
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** Whom the settings give more, or let in at all: subjects, names, or `group:<group>`. */
export interface SignInRules {
  readonly admins: readonly string[];
  /** Empty: everybody whom the provider knows. */
  readonly allowed: readonly string[];
}

/** Where providers tell of groups: Keycloak and others, GitLab, INDIGO IAM (WLCG profile), AARC. */
const groupClaims = [
  'groups',
  'groups_direct',
  'wlcg.groups',
  'eduperson_entitlement',
  'https://gitlab.org/claims/groups/owner',
  'https://gitlab.org/claims/groups/maintainer',
];

const mostGroups = 1_000;

/** The person; undefined where the claims name none. */
export function personOf(claims: Claims): Person | undefined {
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) return undefined;
  // Not `name` or `nickname`: people choose those themselves, and projects name their owners by this one.
  const { preferred_username: username } = claims;
  const name = typeof username === 'string' && /^\S(?:.{0,253}\S)?$/.test(username) ? username : sub;
  const groups = groupClaims.flatMap((claim) => texts(claims[claim]));
  return { subject: sub, name, groups: [...new Set(groups)].slice(0, mostGroups) };
}

/** What they may; undefined where they may not come in. */
export function identityOf(person: Person, via: SignInWay, rules: SignInRules): Identity | undefined {
  const isAdmin = isNamed(person, rules.admins);
  if (!isAdmin && rules.allowed.length > 0 && !isNamed(person, rules.allowed)) return undefined;
  return { ...person, via, role: isAdmin ? 'admin' : 'member' };
}

const isNamed = ({ subject, name, groups }: Person, list: readonly string[]): boolean =>
  list.some((entry) =>
    entry.startsWith('group:')
      ? groups.includes(entry.slice('group:'.length))
      : entry === subject || entry === name,
  );

/** A claim that holds one text or several; the leading slash that Keycloak and WLCG put before groups is dropped. */
const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((text): text is string => typeof text === 'string' && text.length <= 255)
    .map((text) => text.replace(/^\//, ''))
    .filter((text) => text !== '');

/** Whether GitLab made the token for a CI job. */
export const isOfCiJob = (claims: Claims): boolean =>
  ['project_path', 'pipeline_id', 'job_id'].some((claim) => claims[claim] !== undefined) ||
  (typeof claims['sub'] === 'string' && claims['sub'].startsWith('project_path:'));
