import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { type Job } from './job.js';

const keyId = 'test-gitlab';

/** Signs the ID tokens of jobs. */
export interface IdTokens {
  /** What `/oauth/discovery/keys` answers (RFC 7517). */
  keys(): readonly object[];
  issue(issuer: string, job: Job, audience: string | readonly string[]): string;
}

/** RS256 under one key, as GitLab has it; `keys` are what `/oauth/discovery/keys` answers (JWK, RFC 7517). */
export function makeIdTokens(): IdTokens {
  let made: ReturnType<typeof makePair> | undefined;
  // Made when first needed: it costs more than all the rest of a start.
  const pair = (): ReturnType<typeof makePair> => (made ??= makePair());
  return {
    keys: () => [{ ...pair().publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'RS256' }],
    issue: (issuer, job, audience) => {
      const now = Math.floor(Date.now() / 1_000);
      const header = { alg: 'RS256', kid: keyId, typ: 'JWT' };
      const exp = now + job.definition.timeoutSeconds;
      const registered = { iss: issuer, aud: audience, iat: now, nbf: now - 5, exp, jti: randomUUID() };
      const signed = `${encoded(header)}.${encoded({ ...claimsOf(job), ...registered })}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), pair().privateKey).toString('base64url')}`;
    },
  };
}

function makePair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The claims that GitLab puts into a job's ID token; numbers and truth values are texts there. */
function claimsOf({ id, pipeline, definition, runner }: Job): Record<string, unknown> {
  const { project, user } = pipeline;
  const kind = pipeline.tag ? 'tag' : 'branch';
  return {
    sub: `project_path:${project.path}:ref_type:${kind}:ref:${pipeline.ref}`,
    namespace_id: String(project.namespaceId),
    namespace_path: project.path.slice(0, project.path.lastIndexOf('/')),
    project_id: String(project.id),
    project_path: project.path,
    user_id: String(user.id),
    user_login: user.login,
    user_email: user.email,
    user_access_level: 'developer',
    pipeline_id: String(pipeline.id),
    pipeline_source: pipeline.source,
    job_id: String(id),
    ref: pipeline.ref,
    ref_type: kind,
    ref_path: `refs/${pipeline.tag ? 'tags' : 'heads'}/${pipeline.ref}`,
    ref_protected: String(pipeline.ref === project.defaultBranch),
    runner_id: runner?.id,
    runner_environment: 'self-hosted',
    sha: pipeline.sha,
    project_visibility: 'private',
    ...(definition.environment === undefined
      ? {}
      : { environment: definition.environment, environment_protected: 'false' }),
  };
}
