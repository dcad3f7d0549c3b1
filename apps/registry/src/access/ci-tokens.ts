import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import { z } from 'zod';
import { type CiProject, ciRight, gitlabProjectOf, matches } from '../domain/ci-job.js';
import { type Identity, type IssuerKeys, sealedJson, type SealedJson } from '#access';
import type { TokenReader } from '../http/authentication.js';
import { issuerOf } from './bearer-tokens.js';

/** Whose ID tokens are taken, what they have to be made for, and which projects they lead to. */
export interface CiTokenOptions {
  readonly ring: KeyRing;
  /** The GitLabs whose jobs may come. */
  readonly issuers: readonly IssuerKeys[];
  /** Our public address: the audience that a job's token has to be made for. */
  readonly audience: string;
  /** The projects of the registry that may be this one of GitLab, by number or path. */
  readonly findProjects: (project: {
    readonly id: number;
    readonly path: string;
  }) => Promise<readonly CiProject[]>;
}

/** What a token of ours holds. */
const schema = z.object({
  subject: z.string(),
  name: z.string(),
  projects: z.array(z.string()),
  right: z.enum(['read', 'publish', 'change']),
  until: z.number(),
});

/** How long a token of ours counts, in seconds: `expires_in` of the exchange (RFC 8693). */
export const ciTokenSeconds = 600;
const prefix = 'slt_';

/** GitLab's ID tokens of CI jobs, exchanged for short tokens that reach no further than the job's own project. */
export class CiTokens implements TokenReader {
  private readonly sealed: SealedJson<z.output<typeof schema>>;

  constructor(private readonly options: CiTokenOptions) {
    this.sealed = sealedJson(options.ring, 'ci-token', schema);
  }

  /**
   * @throws AppError `access.*` (permanent) where the token does not count, or its project is not registered
   * @throws AppError `sign_in.provider_unavailable` (temporary)
   */
  async exchange(idToken: string): Promise<{ readonly token: string; readonly projects: readonly string[] }> {
    const issuer = issuerOf(idToken);
    const keys = this.options.issuers.find((one) => one.issuer === issuer);
    if (!keys) throw refused('access.foreign_token', 'the token is not of a GitLab that is known here');
    const job = gitlabProjectOf(await keys.verify(idToken, [this.options.audience]));
    if (!job) throw refused('access.unknown_token', "the token is not a CI job's");
    const found = await this.options.findProjects(job);
    const projects = found.filter((project) => matches(project, job, keys.issuer));
    if (projects.length === 0)
      throw refused('access.unknown_project', `${job.path} is not a project that is registered here`);
    const token = this.sealed.seal({
      subject: `ci:${job.id}`,
      name: `CI of ${job.path}`,
      projects: projects.map(({ name }) => name),
      right: ciRight(projects, job),
      until: Date.now() + ciTokenSeconds * 1_000,
    });
    return { token: prefix + token, projects: projects.map(({ name }) => name) };
  }

  reads(token: string): boolean {
    return token.startsWith(prefix);
  }

  async identify(token: string): Promise<Identity> {
    const content = this.sealed.open(token.slice(prefix.length));
    if (!content) throw refused('access.unknown_token', 'the token is not known');
    if (content.until <= Date.now()) throw refused('access.expired_token', 'the token has expired');
    const { subject, name, projects, right } = content;
    return {
      subject,
      name,
      via: 'ci-token',
      role: 'member',
      groups: [],
      onlyProjects: projects,
      ciRight: right,
    };
  }
}

const refused = (code: string, message: string): Error => permanent(code, message, { level: 'info' });
