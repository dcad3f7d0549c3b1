/** What a person or program may do at most; what projects of theirs allow comes on top. */
export type Role = 'admin' | 'member' | 'reader';

/** How somebody showed who they are. */
export type SignInWay = 'bootstrap' | 'api-key' | 'session' | 'bearer' | 'ci-token' | 'command';

/** Who asks. */
export interface Identity {
  /** Stays the same when the name changes: the provider's `sub`, `key:<id>`, `ci:<GitLab project id>`. */
  readonly subject: string;
  /** For people to read: in the audit trail, in the page. */
  readonly name: string;
  readonly via: SignInWay;
  readonly role: Role;
  /** Groups that the sign-in provider says. */
  readonly groups: readonly string[];
  /** Absent: all. A key or token that was made narrow sees and does nothing outside of these. */
  readonly onlyProjects?: readonly string[];
  /** Of somebody who comes by a browser: the session's id. */
  readonly session?: string;
  /** Of a CI token: what its project lets CI jobs do. */
  readonly ciRight?: 'read' | 'publish' | 'change';
}

/** Persons carry names and groups that a project's owners are written with; keys and CI tokens never match those. */
export const isPerson = ({ via }: Identity): boolean => via === 'session' || via === 'bearer';

/** Whether the sign-in provider says who they are and what groups they are in: not of the bootstrap key's session. */
export const isKnownToProvider = (identity: Identity): boolean =>
  isPerson(identity) && identity.subject !== 'bootstrap';
