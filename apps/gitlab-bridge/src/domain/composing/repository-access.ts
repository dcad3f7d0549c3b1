import type { CiJob } from '#gitlab';

/** Where the sources are, and what opens them. */
export interface RepositoryAccess {
  /** Without user and password. */
  readonly url: string;
  /** Scheme and host, which alone the password is for; absent: the sources are not at an HTTP server. */
  readonly origin?: string;
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/** Undefined where the job's address is none. */
export function repositoryAccess(job: CiJob): RepositoryAccess | undefined {
  if (!URL.canParse(job.git_info.repo_url)) return undefined;
  const url = new URL(job.git_info.repo_url);
  const access = {
    host: url.hostname,
    user: decoded(url.username) || 'gitlab-ci-token',
    password: decoded(url.password),
  };
  url.username = '';
  url.password = '';
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return { ...access, url: url.href, ...(isHttp ? { origin: url.origin } : {}) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A credential helper of git. It takes the password from the environment, so that it is in no argument list and in no
 * file of the repository; while the sources are fetched it is that of their address, in the scripts the job's token. It
 * answers for its own user alone: a script may use another.
 */
export const credentialHelper = [
  '!f() {',
  '[ "$1" = get ] || exit 0;',
  'u=;',
  'while IFS= read -r l && [ -n "$l" ]; do case $l in username=*) u=${l#username=} ;; esac; done;',
  'n=${slipway_ci_user:-gitlab-ci-token};',
  'case $u in "" | "$n") printf "username=%s\\npassword=%s\\n" "$n" "${slipway_ci_password:-$CI_JOB_TOKEN}" ;; esac;',
  '};',
  'f',
].join(' ');

/** Settings of git for the host of the sources; the empty helper is none of the node's own, which would store the token. */
export const credentialSettings = (
  access: RepositoryAccess,
  caFile: string | undefined,
): readonly (readonly [key: string, value: string])[] =>
  access.origin === undefined
    ? []
    : [
        [`credential.${access.origin}.helper`, ''],
        [`credential.${access.origin}.helper`, credentialHelper],
        ...(caFile === undefined ? [] : [[`http.${access.origin}.sslCAInfo`, caFile] as const]),
      ];
